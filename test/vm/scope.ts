import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type Bundle, type BundleOptions, makeBundle, type TestSpec } from '../support/bundle.ts';
import { type Result, runCommand } from '../support/command.ts';
import type { User } from '../support/host/user.ts';

/** The VM's ordinary user, whose systemd manager runs. */
export const vmuser: User = {
  name: 'vmuser',
  uid: 1000,
  gid: 1000,
  home: '/home/vmuser',
  runtimeDir: '/run/user/1000',
  subId: 100_000,
  run: (command, args, options) => runCommand(command, args, { uid: 1000, gid: 1000, ...options }),
};

/** How to run the container: as root or as a user, with which runtime. */
type As = Pick<BundleOptions, 'user' | 'runtime'>;
type Change = (spec: TestSpec) => void;

/** A bundle whose container sleeps, unless `spec` changes that. */
export const sleeper = (t: TestContext, spec?: Change, as: As = {}): Bundle =>
  makeBundle(t, { args: ['sleep', '1000'], spec, ...as });

/** Runs a container in a cgroup that systemd makes. */
export const runInScope = (bundle: Bundle, ...flags: string[]): Result =>
  bundle.runtime('--systemd-cgroup', 'run', ...flags, '--bundle', bundle.dir, bundle.id);

/** Runs a container that sleeps in a systemd scope. */
export function sleepInScope(t: TestContext, spec?: Change, as?: As): Bundle {
  const bundle = sleeper(t, spec, as);
  const { status, stderr } = runInScope(bundle, '--detach');
  assert.equal(status, 0, stderr);
  return bundle;
}

/** The name of a container's unit, as runc names it. */
export const unitOf = ({ id }: Bundle): string => `runc-${id}.scope`;

/** The directory of a process's cgroup. */
export const cgroupDirectory = (pid: number): string =>
  `/sys/fs/cgroup${/^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))![1]}`;

/** Properties of a unit by name. A unit that does not exist has `LoadState` `not-found`. */
export function propertiesOf(unit: string): Map<string, string> {
  const { stdout } = runCommand('systemctl', ['show', unit]);
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

export const isLoaded = (unit: string): boolean =>
  propertiesOf(unit).get('LoadState') !== 'not-found';

/** Properties of what a unit is, not of what happened to it. */
const LASTING =
  /^(Memory|CPU|IO|Tasks|Allowed|Effective|Device|Delegate|Kill|Default|Collect|OOM|Slice|Managed|Transient|Wants|Requires|After|Before|Conflicts|TimeoutStop)/;
/** Left out: counts of use, and DeviceAllow, because runc 1.1 has another default. */
const PASSING = /Current$|NSec$|Bytes$|Operations$|NSecs$|Peak$|Available$|^DeviceAllow$/;

/** The properties of a unit that are the same for containers of the same configuration. */
export const lastingPropertiesOf = (unit: string): Record<string, string> =>
  Object.fromEntries(
    [...propertiesOf(unit)].filter(([name]) => LASTING.test(name) && !PASSING.test(name)),
  );

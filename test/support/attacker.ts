import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { CAPABILITIES } from '../../src/config/names/capabilities.ts';
import { type Bundle, makeBundle, type RuntimeName, type TestSpec } from './bundle.ts';
import type { User } from './host/user.ts';
import { waitFor } from './wait-for.ts';

const PROGRAMS = join(import.meta.dirname, '../integration/attacks/programs');
/** Directories of the host that Node needs. */
const LIBRARIES = ['/usr', '/lib', '/lib64'].filter((path) => existsSync(path));

export interface AttackerOptions {
  spec?: (spec: TestSpec) => void;
  runtime?: RuntimeName;
  args?: string[];
  /** The user who runs the container. */
  user?: User;
}

/**
 * Runs a program of `attacks/programs` with Node in a container, and waits until it prints `ready`.
 * Returns the container and a function that returns the program's output so far.
 */
export async function startAttacker(
  t: TestContext,
  program: string,
  { spec, runtime = 'davit', args = [], user }: AttackerOptions = {},
): Promise<{ bundle: Bundle; printed: () => string }> {
  const bundle = makeBundle(t, {
    runtime,
    user,
    args: ['/node', `/attacks/${program}`, ...args],
    spec: (config) => {
      config.mounts.push(...[...LIBRARIES, '/node', '/attacks'].map(fromHost));
      spec?.(config);
    },
  });
  // Made here, because root of a user namespace may not make them.
  for (const path of [...LIBRARIES, '/attacks']) mkdirSync(join(bundle.rootfs, path));
  writeFileSync(join(bundle.rootfs, 'node'), '');
  const out = join(bundle.dir, 'out');
  const run = [bundle.binary, '--root', bundle.root, 'run', '-d', '-b', bundle.dir, bundle.id];
  assert.equal(bundle.command('sh', '-c', 'exec "$@" >"$0" 2>&1', out, ...run).status, 0);
  const printed = (): string => readFileSync(out, 'utf8');
  await waitFor(() => printed() !== '');
  assert.match(printed(), /^ready$/m);
  return { bundle, printed };
}

function fromHost(destination: string): TestSpec['mounts'][number] {
  const sources: Record<string, string> = { '/node': process.execPath, '/attacks': PROGRAMS };
  return { destination, source: sources[destination] ?? destination, options: ['rbind', 'ro'] };
}

/** Gives the container all capabilities of the test, except `without`. */
export function giveCapabilities(spec: TestSpec, without: readonly string[] = []): void {
  const own = BigInt(
    `0x${/^CapEff:\t(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]}`,
  );
  const list = CAPABILITIES.filter(
    (name, number) => (own >> BigInt(number)) & 1n && !without.includes(name),
  );
  spec.process.capabilities = { bounding: list, permitted: list, effective: list };
}

/** Adds a new user namespace, with ids that no user of the host has. */
export function addUserNamespace(spec: TestSpec): void {
  spec.linux.namespaces.push({ type: 'user' });
  const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  Object.assign(spec.linux, { uidMappings: ids, gidMappings: ids });
}

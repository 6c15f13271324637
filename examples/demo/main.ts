import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Spec } from '../../src/config/types.ts';
import { hostRootfs } from '../../src/plugins/testing/host-rootfs.ts';

/*
 * `npm run demo`: builds davit, makes a bundle from the host's own system directories, runs a
 * program in it that prints where it is, and shows the trace. For an ordinary user, the container
 * has a user namespace.
 */

const root = join(import.meta.dirname, '../..');
const davit = join(root, 'dist/davit');
const rootless = process.geteuid!() !== 0;
const id = `demo-${process.pid}`;

if (rootless || mayMount()) {
  say('Building dist/davit');
  if (run(process.execPath, join(root, 'tools/build.ts'))) demonstrate();
} else {
  process.stderr.write(
    'davit: the demo needs CAP_SYS_ADMIN, which this root lacks, as in a container of an engine: ' +
      'run it as root of the machine, as an ordinary user, or in a privileged container\n',
  );
  process.exitCode = 1;
}

/** Whether root has CAP_SYS_ADMIN, number 21 in capabilities(7). */
function mayMount(): boolean {
  const [, effective] = /^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return ((BigInt(`0x${effective}`) >> 21n) & 1n) === 1n;
}

function demonstrate(): void {
  const bundle = mkdtempSync(join(tmpdir(), 'davit-demo-'));
  try {
    if (makeBundle(bundle)) runIn(bundle);
  } finally {
    rmSync(bundle, { recursive: true, force: true });
  }
}

function runIn(bundle: string): void {
  say(`On the host, this is pid ${process.pid} on ${hostname()}. In the container:\n`);
  // An ordinary user's default, $XDG_RUNTIME_DIR, exists only after a login.
  if (!run(davit, '--root', join(bundle, 'state'), 'run', '--bundle', bundle, id)) return;
  say('\nWhere the time went:\n');
  run(davit, 'trace', id);
}

/** The default configuration, with its own network, one of the host's programs, and no terminal. */
function makeBundle(bundle: string): boolean {
  // The container's root may be another user on the host.
  chmodSync(bundle, 0o755);
  if (!run(davit, 'spec', '--bundle', bundle, ...(rootless ? ['--rootless'] : []))) return false;
  const rootfs = join(bundle, 'rootfs');
  const mounts = hostRootfs(rootfs);
  copyFileSync(join(import.meta.dirname, 'where-am-i.sh'), join(rootfs, 'where-am-i.sh'));
  const file = join(bundle, 'config.json');
  const spec: Spec = JSON.parse(readFileSync(file, 'utf8'));
  spec.hostname = 'aboard';
  const namespaces = spec.linux!.namespaces!;
  if (!namespaces.some(({ type }) => type === 'network')) namespaces.push({ type: 'network' });
  spec.mounts = [...(spec.mounts ?? []), ...mounts];
  Object.assign(spec.process!, { terminal: false, args: ['/bin/sh', '/where-am-i.sh'] });
  writeFileSync(file, JSON.stringify(spec, null, 2));
  return true;
}

/** False when the command fails. Sets the demo's exit status; the command has printed the error. */
function run(command: string, ...args: string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exitCode = status ?? 1;
  return status === 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

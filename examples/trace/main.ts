import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Spec } from '../../src/config/types.ts';
import { hostRootfs } from '../../src/plugins/testing/host-rootfs.ts';

/*
 * `npx node examples/trace/main.ts [DIRECTORY]`, as root: why does one container start more slowly
 * than another? Runs both three times, asks davit, and writes trace.html and trace.json (for
 * ui.perfetto.dev) to DIRECTORY or to a new temporary directory.
 */

const davit = join(import.meta.dirname, '../../dist/davit');
const directory = resolve(process.argv[2] ?? mkdtempSync(join(tmpdir(), 'davit-trace-')));
const env = { ...process.env, DAVIT_TRACE_DIR: join(directory, 'traces') };
const web = `web-${process.pid}`;
const api = `api-${process.pid}`;

const bundle = makeBundle();
for (let run = 0; run < 3; run++) {
  live(web, []);
  live(api, ['ready', 'slow']);
}
show('trace', '--list');
show('trace', '--compare', '--command', 'create', web, api);
show('trace', '--critical-chain', '--command', 'create', api);
show('trace', '--html', join(directory, 'trace.html'), api);
show('trace', '--perfetto', join(directory, 'trace.json'), web, api);
process.stdout.write(`open ${join(directory, 'trace.html')} in a browser\n`);

/** Makes a bundle from the host's own system directories, with two hooks, one of them slow. */
function makeBundle(): string {
  const path = join(directory, 'bundle');
  mkdirSync(path, { recursive: true });
  show('spec', '--bundle', path);
  const mounts = hostRootfs(join(path, 'rootfs'));
  const spec: Spec = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'));
  spec.mounts = [...(spec.mounts ?? []), ...mounts];
  Object.assign(spec.process!, { terminal: false, args: ['sleep', '100'] });
  writeFileSync(join(path, 'default.json'), JSON.stringify(spec));
  for (const [hook, seconds] of [
    ['ready', 0],
    ['slow', 0.03],
  ] as const) {
    writeFileSync(join(path, hook), `#!/bin/sh\nsleep ${seconds}\n`);
    chmodSync(join(path, hook), 0o755);
  }
  return path;
}

/** Runs container `id` once with these hooks. */
function live(id: string, hooks: readonly string[]): void {
  const spec: Spec = JSON.parse(readFileSync(join(bundle, 'default.json'), 'utf8'));
  spec.hooks = { createRuntime: hooks.map((hook) => ({ path: join(bundle, hook) })) };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
  show('create', '--bundle', bundle, id);
  show('start', id);
  show('exec', id, 'true');
  show('delete', '--force', id);
}

function show(...args: string[]): void {
  const options = ['--root', join(directory, 'state')];
  const { status } = spawnSync(davit, [...options, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
  if (status !== 0) throw new Error(`davit ${args.join(' ')}: ${status}`);
}

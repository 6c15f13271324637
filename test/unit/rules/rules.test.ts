import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** A file for the linter: its directory and text. */
interface Sample {
  path: string;
  source: string;
}

/** The samples that davit's own rules refuse for a matching reason. */
function refused(samples: readonly Sample[], reason: RegExp): Sample[] {
  const directory = mkdtempSync(join(tmpdir(), 'rules-'));
  try {
    const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    writeFileSync(
      join(directory, 'biome.json'),
      JSON.stringify({ ...config, $schema: undefined, vcs: { enabled: false } }),
    );
    cpSync(join(root, 'test/rules'), join(directory, 'test/rules'), { recursive: true });
    const files = samples.map(({ path, source }, index) => {
      const file = join(path, `sample-${index}.ts`);
      mkdirSync(join(directory, path), { recursive: true });
      writeFileSync(join(directory, file), `${source}\n`);
      return file;
    });
    const { stdout } = spawnSync(
      join(root, 'node_modules/.bin/biome'),
      ['lint', '--reporter=json', '--max-diagnostics=none', 'src'],
      { cwd: directory, encoding: 'utf8' },
    );
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    const named = diagnostics.filter(({ message }) => reason.test(message));
    return samples.filter((_, i) => named.some(({ location }) => location.path === files[i]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Diagnostic {
  message: string;
  location: { path: string };
}

const importing = (from: string) => `export { x } from '${from}';`;

const UPWARD = [
  ['src/config', 'koffi'],
  ['src/operations', '../commands/run.ts'],
  ['src/operations', '../cli/output.ts'],
  ['src/plugins', '../operations/run.ts'],
  ['src/lifecycle', '../operations/run.ts'],
  ['src/lifecycle', '../plugins/load.ts'],
  ['src/process', '../plugins/load.ts'],
  ['src/trace/record', '../operations/run.ts'],
  ['src/stages/init', '../../lifecycle/engine.ts'],
  ['src/rootfs', '../stages/mounts/mounts.ts'],
  ['src/init/fork', '../../lifecycle/engine.ts'],
  ['src/context', '../lifecycle/phases.ts'],
  ['src/bus', '../stages/mounts/mounts.ts'],
  ['src/cgroups', '../init/walk.ts'],
  ['src/state', '../process/executable.ts'],
  ['src/config', '../cgroups/open.ts'],
  ['src/syscalls', '../state/store.ts'],
  ['src/errors', '../stages/mounts/mounts.ts'],
] as const;

const DOWNWARD = [
  ['src/syscalls', 'koffi'],
  ['src/commands', '../operations/run.ts'],
  ['src/stages/rootfs', '../../context/context.ts'],
  ['src/init', '../bus/bus.ts'],
  ['src/process', '../syscalls/mount/mount.ts'],
] as const;

const ASYNCHRONOUS = [
  'export async function x(): Promise<void> {}',
  'export const x = async () => 1;',
  'export const x = { async y() {} };',
  'export class X { private async y() {} }',
  'export const x = await 1;',
  'for await (const x of []) x;',
  'export const x = new Promise<void>(() => {});',
  'export const x = Promise.withResolvers<void>();',
  'setTimeout(() => {}, 1);',
  'process.nextTick(() => {});',
  'export const x = process.stdout;',
  importing('node:child_process'),
  importing('node:fs/promises'),
  importing('node:timers'),
  importing('node:stream'),
];

const imports = (pairs: readonly (readonly [string, string])[]): Sample[] =>
  pairs.map(([path, from]) => ({ path, source: importing(from) }));

const waiting = (path: string): Sample[] => ASYNCHRONOUS.map((source) => ({ path, source }));

test('a file must not import from a higher layer', () => {
  const samples = imports(UPWARD);
  assert.deepEqual(refused(samples, /its own layer/), samples);
});

test('a file may import from a lower layer', () => {
  assert.deepEqual(refused(imports(DOWNWARD), /its own layer/), []);
});

test('code that runs in init must not use the event loop', () => {
  const samples = [...waiting('src/stages/rootfs'), ...waiting('src/init')];
  assert.deepEqual(refused(samples, /no event loop/), samples);
});

test('code that runs in the runtime may wait', () => {
  const samples = [...waiting('src/lifecycle'), ...waiting('src/operations')];
  assert.deepEqual(refused(samples, /no event loop/), []);
});

test('below the doors, code must not read what belongs to the process', () => {
  const reading = ['process.env.HOME;', 'process.argv.slice(2);', 'process.cwd();'];
  const samplesIn = (path: string) => reading.map((source) => ({ path, source }));
  const below = ['src/commands', 'src/cli/output', 'src/operations', 'src/stages/state'];
  const samples = below.flatMap(samplesIn);
  assert.deepEqual(refused(samples, /from the request/), samples);
});

test("code must not use Node's recursive mkdir", () => {
  const making = [
    "mkdirSync('/a/b', { recursive: true });",
    "mkdirSync('/a/b', { mode: 0o700, recursive: true });",
    "fs.mkdirSync('/a/b', { recursive: true });",
    "await mkdir('/a/b', { recursive: true });",
    "await fs.promises.mkdir('/a/b', { recursive: true });",
  ].map((source) => ({ path: 'src/state', source }));
  assert.deepEqual(refused(making, /recursive mkdir/), making);
  const others = ["mkdirSync('/a', { mode: 0o700 });", "rmSync('/a', { recursive: true });"];
  const samples = others.map((source) => ({ path: 'src/state', source }));
  assert.deepEqual(refused(samples, /recursive mkdir/), []);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NODE_FLAGS } from '../../src/node-flags.ts';
import { needsRoot } from '../support/bundle.ts';

const root = join(import.meta.dirname, '../..');
const options = { skip: needsRoot };

const program = (file: string, flags: readonly string[] = [], args: readonly string[] = []) =>
  spawnSync(process.execPath, [...flags, join(root, 'examples', file), ...args], {
    encoding: 'utf8',
  });

test('the demo prints what the container sees, and where its time went', options, () => {
  const { status, stdout, stderr } = program('demo/main.ts');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^ {2}pid +1; all processes here: 1$/m);
  assert.match(stdout, /^ {2}hostname +aboard$/m);
  assert.match(stdout, /^ {2}capabilities +kill net_bind_service audit_write *$/m);
  assert.match(stdout, /^ {2}network +lo *$/m);
  assert.match(stdout, /^ {2}root +read-only$/m);
  assert.match(stdout, /forkInit/);
});

test('the demo says which privileges root lacks', options, () => {
  const without = ['--bounding-set=-sys_admin', '--inh-caps=-sys_admin', process.execPath];
  const demo = [...without, join(root, 'examples/demo/main.ts')];
  const { status, stdout, stderr } = spawnSync('setpriv', demo, { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^davit: the demo needs CAP_SYS_ADMIN, which this root lacks/);
});

test('a program runs containers in its own process', options, () => {
  const { status, stdout, stderr } = program('embedding/main.ts', NODE_FLAGS);
  assert.equal(status, 0, stderr);
  assert.equal(stdout.match(/^ {2}pid 1$/gm)?.length, 3);
  assert.equal(stdout.match(/: exit status 0 after /g)?.length, 3);
});

test("a container's life is part of the trace of the program that embeds davit", options, () => {
  const { status, stdout, stderr } = program('embedding/traced.ts', NODE_FLAGS);
  assert.equal(status, 0, stderr);
  const names = stdout.replaceAll(/ [\d.]+ ms$/gm, '').split('\n');
  assert.equal(names[0], 'job');
  assert.deepEqual(
    names.filter((name) => /^ {2}\S/.test(name)),
    ['  davit create', '  davit start', '  davit delete'],
  );
  assert.ok(names.indexOf('    pivotRoot') < names.indexOf('  davit start'), stdout);
  assert.ok(names.includes('    exec'));
});

test('a slow hook is found by comparing traces', options, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'trace-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const { status, stdout, stderr } = program('trace/main.ts', [], [directory]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^ {2}createRuntimeHooks .* 3 {2}\+[\d.]+ m?s {2}[▲^]$/m);
  assert.match(stdout, /hook createRuntime\[1\] slow/);
  const page = readFileSync(join(directory, 'trace.html'), 'utf8');
  assert.match(page, /"containerId":"api-\d+"/);
  assert.doesNotMatch(page, /https?:/, 'it asks nobody for anything');
});

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

for (const [how, flags] of Object.entries({
  'in its own process': NODE_FLAGS,
  "by davit's program": [],
})) {
  test(`a program runs containers ${how}`, options, () => {
    const { status, stdout, stderr } = program('embedding/main.ts', flags);
    assert.equal(status, 0, stderr);
    assert.equal(stdout.match(/^ {2}pid 1$/gm)?.length, 3);
    assert.equal(stdout.match(/: exit status 0 after /g)?.length, 3);
  });
}

test('a web server runs snippets of strangers', options, async (t) => {
  const server = spawn(process.execPath, [join(root, 'examples/embedding/snippets.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  t.after(() => server.kill('SIGKILL'));
  const [line] = await once(server.stdout!, 'data');
  const post = async (body: string) => {
    const response = await fetch(String(line).trim(), { method: 'POST', body });
    return [response.status, await response.json()];
  };
  const answers = await Promise.all([
    post('id -u; cat /sys/class/net/*/uevent | grep -c INTERFACE; exit 3'),
    post('echo begun; while :; do :; done'),
    post('yes'),
  ]);
  const killed = { exitCode: 137, signal: 'SIGKILL', stderr: '' };
  assert.deepEqual(answers[0], [200, { exitCode: 3, stdout: '65534\n1\n', stderr: '' }]);
  const timeout = 'the program took longer than its timeout, and was killed';
  assert.deepEqual(answers[1], [422, { error: timeout, ...killed, stdout: 'begun\n' }]);
  assert.equal((answers[2]![1] as { stdout: string }).stdout.length, 100_000);
  server.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('a test runner isolates files', options, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'isolated-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const files = {
    'good.test.sh': 'test -z "$(ls)" && echo x > mine && ! touch /tests/theirs 2>/dev/null',
    'bad.test.sh': 'echo because; exit 1',
  };
  const paths = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  });
  const { status, stdout, stderr } = program('embedding/isolated-tests.ts', [], paths);
  assert.equal(stderr, '');
  assert.deepEqual(stdout.split(/(?<=\n)(?=passed|failed)/).sort(), [
    `failed ${paths[1]}\nbecause\n`,
    `passed ${paths[0]}\n`,
  ]);
  assert.equal(status, 1);
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

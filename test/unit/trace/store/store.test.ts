import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  readTraces,
  type StoredTrace,
  tracedContainers,
} from '../../../../src/trace/read/read-traces.ts';
import { CommandSpans } from '../../../../src/trace/record/command-spans.ts';
import { pruneTraces } from '../../../../src/trace/store/prune.ts';
import type { Span } from '../../../../src/trace/store/span.ts';
import { appendTrace, ROTATE_BYTES, traceFile } from '../../../../src/trace/store/store.ts';
import { CREATE_AND_START, recordLife } from '../sample-trace.ts';

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'davit-traces-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function store(path: string, id: string): void {
  for (const trace of recordLife(id, CREATE_AND_START)) {
    assert.equal(appendTrace(path, id, trace), undefined);
  }
}

test('stored commands are read again, a line for each', (t) => {
  const path = join(directory(t), 'new', 'traces');
  const life = recordLife('web1', CREATE_AND_START);
  for (const trace of life) assert.equal(appendTrace(path, 'web1', trace), undefined);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.equal(statSync(traceFile(path, 'web1')).mode & 0o777, 0o600);
  const [trace, ...others] = readTraces(path, 'web1');
  assert.equal(others.length, 0);
  assert.deepEqual(
    trace!.commands.map(({ root }) => root.name),
    ['davit create', 'davit start'],
  );
  for (const [index, { root, spans }] of trace!.commands.entries()) {
    assert.deepEqual([root, ...spans].map(plain), life[index]!.spans.map(plain));
  }
});

test('an id that is used again has two traces, the later one last', (t) => {
  const path = directory(t);
  store(path, 'web1');
  store(path, 'web1');
  const traces = readTraces(path, 'web1');
  assert.equal(traces.length, 2);
  assert.ok(traces[0]!.commands[0]!.root.start < traces[1]!.commands[0]!.root.start);
  assert.deepEqual(readTraces(path, 'absent'), []);
});

test('a truncated last line, and a foreign line, are skipped', (t) => {
  const path = directory(t);
  store(path, 'web1');
  const file = traceFile(path, 'web1');
  truncateSync(file, statSync(file).size - 40);
  assert.equal(readTraces(path, 'web1')[0]!.commands.length, 1);
  appendFileSync(file, '\n{"resourceSpans":7}\nnull\n[]\n');
  store(path, 'web1');
  const traces = readTraces(path, 'web1');
  assert.deepEqual(
    traces.map(({ commands }) => commands.length),
    [1, 2],
  );
});

test('half a line, left by a full disk, does not damage the next one', (t) => {
  const path = directory(t);
  const [create, start] = recordLife('web1', CREATE_AND_START);
  appendTrace(path, 'web1', create!);
  const file = traceFile(path, 'web1');
  truncateSync(file, statSync(file).size - 40);
  appendTrace(path, 'web1', start!);
  const [{ commands } = { commands: [] }] = readTraces(path, 'web1');
  assert.deepEqual(
    commands.map(({ root }) => root.name),
    ['davit start'],
  );
});

test('spans that a hook recorded are below the stage that ran it', (t) => {
  const path = directory(t);
  const [create, start] = recordLife('web1', CREATE_AND_START);
  const hooks = create!.spans.find(({ name }) => name === 'createRuntimeHooks')!;
  const hook = new CommandSpans({
    command: 'hook',
    id: 'web1',
    start: process.hrtime.bigint(),
    caller: { traceId: hooks.traceId, spanId: hooks.spanId, traceFlags: 1 },
  });
  for (const trace of [create!, start!, hook.finish()]) appendTrace(path, 'web1', trace);
  const [{ commands }] = readTraces(path, 'web1') as [StoredTrace];
  assert.deepEqual(
    commands.map(({ root }) => root.name),
    ['davit create', 'davit start'],
  );
  assert.equal(commands[0]!.spans.at(-1)!.name, 'davit hook');
  assert.equal(commands[0]!.request.resourceSpans.length, 2);
});

test('a command that found no container belongs to the previous life', (t) => {
  const path = directory(t);
  const stray = {
    command: 'kill',
    from: 0,
    to: 100,
    stages: [],
    error: new Error('container does not exist'),
  };
  const [alone] = recordLife('web1', [stray]);
  appendTrace(path, 'web1', alone!);
  assert.equal(readTraces(path, 'web1').length, 1);
  store(path, 'web1');
  appendTrace(path, 'web1', recordLife('web1', [stray])[0]!);
  const [first, life] = readTraces(path, 'web1');
  assert.equal(first!.commands[0]!.root.name, 'davit kill');
  assert.equal(life!.commands.length, 2);
  assert.equal(life!.orphanCommands[0]!.root.error, 'container does not exist');
});

test('a file above its limit is rotated, and still read', (t) => {
  const path = directory(t);
  store(path, 'web1');
  const file = traceFile(path, 'web1');
  appendFileSync(file, `${' '.repeat(ROTATE_BYTES)}\n`);
  store(path, 'web1');
  assert.ok(existsSync(`${file}.1`));
  assert.ok(statSync(file).size < ROTATE_BYTES);
  assert.equal(readTraces(path, 'web1').flatMap(({ commands }) => commands).length, 4);
  rmSync(file);
  assert.deepEqual(
    tracedContainers(path).map(({ id }) => id),
    ['web1'],
    'right after the rotation there is no other file',
  );
});

test('a store that cannot be written is reported by value, not thrown', (t) => {
  const path = directory(t);
  const [trace] = recordLife('web1', CREATE_AND_START);
  assert.match(String(appendTrace('/proc/davit', 'web1', trace!)), /ENOENT/);
  assert.match(String(appendTrace(path, '../web1', trace!)), /not a container id/);
  symlinkSync('/etc/hostname', traceFile(path, 'link'));
  assert.match(String(appendTrace(path, 'link', trace!)), /ELOOP/);
  execFileSync('mkfifo', [traceFile(path, 'fifo')]);
  assert.match(String(appendTrace(path, 'fifo', trace!)), /ENXIO/);
});

test('commands that end at the same time do not mix their lines', async (t) => {
  const path = directory(t);
  const program = `
    import { CREATE_AND_START, recordLife } from '${import.meta.dirname}/../sample-trace.ts';
    import { appendTrace } from '${import.meta.dirname}/../../../../src/trace/store/store.ts';
    for (let n = 0; n < 100; n++) {
      for (const trace of recordLife('web1', CREATE_AND_START)) appendTrace('${path}', 'web1', trace);
    }`;
  const exits = Array.from({ length: 3 }, () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    return new Promise((resolve) => child.once('close', resolve));
  });
  assert.deepEqual(await Promise.all(exits), [0, 0, 0]);
  const lines = readFileSync(traceFile(path, 'web1'), 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 600);
  assert.equal(readTraces(path, 'web1').length, 300);
});

test('traces of the least recently used containers are removed', (t) => {
  const path = directory(t);
  for (let n = 0; n < 20; n++) {
    writeFileSync(traceFile(path, `c${n}`), '');
    utimesSync(traceFile(path, `c${n}`), n, n);
  }
  writeFileSync(`${traceFile(path, 'c0')}.1`, '');
  pruneTraces(path, 20);
  assert.equal(readdirSync(path).length, 21);
  pruneTraces(path, 10);
  const left = readdirSync(path).sort();
  assert.deepEqual(left, Array.from({ length: 9 }, (_, n) => `c${n + 11}.jsonl`).sort());
  pruneTraces(join(path, 'absent'));
});

test('a store that is a file, not a directory, is an error to readers', (t) => {
  const path = directory(t);
  mkdirSync(traceFile(path, 'dir'));
  assert.throws(() => readTraces(path, 'dir'), /EISDIR/);
  assert.deepEqual(tracedContainers(path), []);
  assert.deepEqual(tracedContainers(join(path, 'absent')), []);
});

/** Drops the difference between absent, undefined and false. */
function plain(span: Span): unknown {
  const text = JSON.stringify(
    { ...span, remoteParent: span.remoteParent || undefined },
    (_, value) => (typeof value === 'bigint' ? `${value}n` : value),
  );
  return JSON.parse(text);
}

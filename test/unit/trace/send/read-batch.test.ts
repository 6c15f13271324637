import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CommandSpans } from '../../../../src/trace/record/command-spans.ts';
import { type Batch, type Progress, readBatch } from '../../../../src/trace/send/read-batch.ts';
import { appendTrace, traceFile } from '../../../../src/trace/store/store.ts';

const start = process.hrtime.bigint();

function makeStore(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'store-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return {
    directory,
    add(id: string, command: string): void {
      const spans = new CommandSpans({ command, id, start });
      assert.equal(appendTrace(directory, id, spans.finish()), undefined);
    },
    next: (progress: Progress = {}, spans = 512) => readBatch(directory, progress, { spans }),
  };
}

const namesIn = (batch: Batch | undefined) => batch?.commands.map(({ root }) => root.name);

test('a batch begins after the previous one', (t) => {
  const store = makeStore(t);
  assert.equal(store.next(), undefined);
  store.add('a', 'create');
  store.add('b', 'run');
  const first = store.next()!;
  assert.deepEqual(namesIn(first), ['davit create', 'davit run']);
  assert.equal(store.next(first.progress), undefined);
  store.add('a', 'start');
  assert.deepEqual(namesIn(store.next(first.progress)), ['davit start']);
});

test('a batch ends with the command that reaches its size', (t) => {
  const store = makeStore(t);
  for (const command of ['create', 'start', 'kill']) store.add('a', command);
  const first = store.next({}, 2)!;
  assert.deepEqual(namesIn(first), ['davit create', 'davit start']);
  assert.deepEqual(namesIn(store.next(first.progress, 2)), ['davit kill']);
});

test('a rotated file is recognized, and the file in its place is new', (t) => {
  const store = makeStore(t);
  const file = traceFile(store.directory, 'a');
  store.add('a', 'create');
  const first = store.next()!;
  store.add('a', 'start');
  renameSync(file, `${file}.1`);
  store.add('a', 'kill');
  const second = store.next(first.progress)!;
  assert.deepEqual(namesIn(second)!.sort(), ['davit kill', 'davit start']);
  rmSync(`${file}.1`);
  store.add('a', 'delete');
  assert.deepEqual(Object.keys(store.next(second.progress)!.progress).length, 1);
});

test('an incomplete line waits, and a line that is no trace is skipped', (t) => {
  const store = makeStore(t);
  const file = traceFile(store.directory, 'a');
  appendFileSync(file, 'nonsense\n{"resourceSpans":[{"reso');
  assert.equal(store.next(), undefined);
  store.add('a', 'start');
  assert.deepEqual(namesIn(store.next()), ['davit start']);
});

test('a file that was last written long ago is skipped', (t) => {
  const store = makeStore(t);
  store.add('a', 'create');
  utimesSync(traceFile(store.directory, 'a'), 1, 1);
  assert.equal(store.next(), undefined);
});

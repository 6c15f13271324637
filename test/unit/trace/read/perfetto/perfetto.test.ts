import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { toPerfetto } from '../../../../../src/trace/read/perfetto/perfetto.ts';
import { readTraces } from '../../../../../src/trace/read/read-traces.ts';
import { appendTrace } from '../../../../../src/trace/store/store.ts';
import { checkTraceEvents } from '../../../../support/trace-events.ts';
import { CREATE_AND_START, recordLife, type SampleCommand } from '../../sample-trace.ts';

function convert(t: TestContext, commands: SampleCommand[]) {
  const path = mkdtempSync(join(tmpdir(), 'davit-traces-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const id of ['web1', 'web2']) {
    for (const trace of recordLife(id, commands)) appendTrace(path, id, trace);
  }
  const file = toPerfetto(['web1', 'web2'].flatMap((id) => readTraces(path, id)));
  checkTraceEvents(file);
  return file.traceEvents;
}

test('each container is a process, with runtime and container as its threads', (t) => {
  const events = convert(t, CREATE_AND_START);
  const named = (event: string) =>
    events.filter(({ name }) => name === event).map(({ pid, args }) => `${pid} ${args.name}`);
  assert.match(named('process_name').join(), /^1 web1 \(trace [0-9a-f]{8}\),2 web2 \(trace /);
  assert.deepEqual(named('thread_name'), ['1 runtime', '1 container', '2 runtime', '2 container']);
  const rootfs = events.find(({ name }) => name === 'prepareRootfs')!;
  assert.ok(rootfs.ph === 'X');
  assert.deepEqual([rootfs.tid, rootfs.ts, rootfs.dur], [2, 24_950, 3_950]);
});

test('a failure has its error and its category', (t) => {
  const error = { message: 'mount proc: EPERM', configPath: 'mounts[2]', code: 'EPERM' };
  const mounts = { name: 'mounts', from: 0, to: 9, side: 'container' as const, error };
  const events = convert(t, [{ command: 'create', from: 0, to: 10, stages: [mounts] }]);
  const failed = events.find(({ name }) => name === 'mounts')!;
  assert.equal(failed.cat, 'container,failed');
  assert.equal(failed.args.error, 'mount proc: EPERM');
  assert.equal(failed.args['davit.stage.config_path'], 'mounts[2]');
});

test('parallel commands and overlapping spans have their own tracks', (t) => {
  const overlapping = [
    { name: 'a', from: 0, to: 600 },
    { name: 'b', from: 500, to: 900 },
    { name: 'program', from: 900, to: 5_000, side: 'container' as const, wait: true },
  ];
  const events = convert(t, [
    { command: 'run', from: 0, to: 6_000, stages: overlapping },
    { command: 'exec', from: 2_000, to: 3_000, stages: [{ name: 'c', from: 10, to: 500 }] },
  ]);
  const threads = events.filter(({ name, pid }) => name === 'thread_name' && pid === 1);
  assert.deepEqual(
    threads.map(({ args }) => args.name),
    ['runtime', 'runtime 2', 'container'],
  );
  const of = (wanted: string) => events.find(({ name }) => name === wanted)!.tid;
  assert.deepEqual([of('a'), of('b'), of('davit exec'), of('c')], [1, 2, 2, 2]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldError, reportFailure, StageError } from '../../../../src/errors/stage-error.ts';
import { SyscallError } from '../../../../src/errors/syscall-error.ts';
import { Recorder } from '../../../../src/trace/record/recorder.ts';
import { parseTraceparent } from '../../../../src/trace/record/trace-context.ts';
import { CALLER } from '../sample-trace.ts';

const OTHER = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01';
const start = process.hrtime.bigint();
const EPERM = new SyscallError({
  code: 'EPERM',
  errno: 1,
  syscall: 'mount',
  call: 'mount proc on /proc',
  reason: 'operation not permitted',
});

function root(recorder: Recorder) {
  return recorder.finish().spans[0]!;
}

test('without a caller, create begins a trace', () => {
  const recorder = new Recorder({ command: 'create', start });
  recorder.setContainer('web1');
  const span = root(recorder);
  assert.equal(span.name, 'davit create');
  assert.equal(span.parentSpanId, undefined);
  assert.equal(recorder.parent, undefined);
  assert.equal(span.attributes['container.id'], 'web1');
  assert.deepEqual(parseTraceparent(recorder.traceparent), {
    traceId: span.traceId,
    spanId: span.spanId,
    flags: 1,
  });
});

test("create is a child of its caller's span and takes over its trace and tracestate", () => {
  const caller = { ...CALLER, flags: 0, tracestate: 'a=1' };
  const recorder = new Recorder({ command: 'create', start, caller });
  recorder.setContainer('web1');
  const span = root(recorder);
  assert.equal(span.traceId, CALLER.traceId);
  assert.equal(span.parentSpanId, CALLER.spanId);
  assert.equal(span.remoteParent, true);
  assert.equal(span.flags, 0);
  assert.equal(recorder.context.tracestate, 'a=1');
});

test("a later command is a child of create's span", () => {
  const recorder = new Recorder({ command: 'start', start });
  recorder.setContainer('web1', { traceparent: OTHER });
  const span = root(recorder);
  assert.equal(span.traceId, 'a'.repeat(32));
  assert.equal(span.parentSpanId, 'b'.repeat(16));
  assert.deepEqual(span.links, []);
});

test("a later command is a child of its caller's span in the container's trace", () => {
  const recorder = new Recorder({ command: 'start', start, caller: CALLER });
  recorder.setContainer('web1', {
    traceparent: `00-${CALLER.traceId}-${'b'.repeat(16)}-01`,
  });
  const span = root(recorder);
  assert.equal(span.traceId, CALLER.traceId);
  assert.equal(span.parentSpanId, CALLER.spanId);
  assert.deepEqual(span.links, []);
});

test('a caller in another trace is linked to', () => {
  const recorder = new Recorder({ command: 'start', start, caller: CALLER });
  recorder.setContainer('web1', { traceparent: OTHER });
  const span = root(recorder);
  assert.equal(span.traceId, 'a'.repeat(32));
  assert.equal(span.parentSpanId, 'b'.repeat(16));
  assert.deepEqual(span.links, [CALLER]);
});

test('spans have the times of their stages, since the epoch', () => {
  const recorder = new Recorder({ command: 'create', start });
  const spanId = recorder.newSpanId();
  const begin = process.hrtime.bigint();
  const inner = recorder.span('hook createRuntime[0]', {
    start: begin + 10n,
    end: begin + 20n,
    parent: spanId,
  });
  recorder.span('createRuntimeHooks', {
    start: begin,
    end: begin + 1000n,
    side: 'runtime',
    spanId,
    events: [{ name: 'slow', time: begin + 15n }],
  });
  const before = Date.now();
  const [command, hook, stage] = recorder.finish({ end: begin + 2000n, exitCode: 0 }).spans;
  assert.equal(hook!.spanId, inner);
  assert.equal(hook!.parentSpanId, stage!.spanId);
  assert.equal(stage!.parentSpanId, command!.spanId);
  assert.equal(stage!.attributes['davit.stage.side'], 'runtime');
  assert.equal(stage!.end - stage!.start, 1000n);
  assert.equal(stage!.events[0]!.time - stage!.start, 15n);
  assert.equal(command!.end - command!.start, begin + 2000n - start);
  assert.equal(command!.attributes['process.exit.code'], 0);
  const ended = Number(command!.end) / 1e6;
  // \`begin\` was a little earlier, and Date.now() knows whole milliseconds.
  assert.ok(
    Number(stage!.start) / 1e6 < before + 1 && ended < Date.now() + 1,
    `${before} ${ended}`,
  );
});

test('a failure is a status and attributes, whether thrown or reported by init', () => {
  const thrown = new FieldError('mounts[2]', EPERM);
  for (const error of [thrown, reportFailure(thrown)]) {
    const recorder = new Recorder({ command: 'create', start });
    recorder.span('mounts', { start, end: start, error });
    const span = recorder.finish().spans[1]!;
    assert.equal(span.error, 'mount proc on /proc: EPERM: operation not permitted');
    assert.equal(span.attributes['error.type'], 'EPERM');
    assert.equal(span.attributes['davit.error.syscall'], 'mount');
    assert.equal(span.attributes['davit.stage.config_path'], 'mounts[2]');
  }
});

test("a command's failure keeps the stage's, and an error without errno its class", () => {
  const recorder = new Recorder({ command: 'create', start });
  const error = new StageError('mounts', reportFailure(new FieldError('mounts[2]', EPERM)));
  const span = recorder.finish({ error, exitCode: 1 }).spans[0]!;
  assert.equal(span.attributes['error.type'], 'EPERM');
  assert.equal(span.attributes['davit.stage.config_path'], 'mounts[2]');
  const other = new Recorder({ command: 'create', start });
  other.span('a', { start, end: start, error: new RangeError('no') });
  other.span('b', { start, end: start, error: new StageError('b', { message: 'no' }) });
  other.span('c', { start, end: start, error: 'text' });
  const types = other.finish().spans.map(({ attributes }) => attributes['error.type']);
  assert.deepEqual(types, [undefined, 'RangeError', 'StageError', '_OTHER']);
});

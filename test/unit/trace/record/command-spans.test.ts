import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTraceState } from '@opentelemetry/api';
import { LifecycleBus } from '../../../../src/bus/bus.ts';
import { Interval } from '../../../../src/bus/events.ts';
import { FieldError, reportFailure, StageError } from '../../../../src/errors/stage-error.ts';
import { SyscallError } from '../../../../src/errors/syscall-error.ts';
import type { CommandOptions } from '../../../../src/trace/record/command-attributes.ts';
import { CommandSpans } from '../../../../src/trace/record/command-spans.ts';
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

const EINVAL = { message: 'no', code: 'EINVAL' };

const make = (command: string, more: Partial<CommandOptions> = {}) =>
  new CommandSpans({ command, id: 'web1', start, ...more });

const rootOf = (spans: CommandSpans) => spans.finish().spans[0]!;

test('without a caller, create begins a trace', () => {
  const spans = make('create');
  const { traceparent } = spans.traceRecord;
  const span = rootOf(spans);
  assert.equal(span.name, 'davit create');
  assert.equal(span.parentSpanId, undefined);
  assert.equal(span.attributes['container.id'], 'web1');
  assert.equal(traceparent, `00-${span.traceId}-${span.spanId}-01`);
});

test("create is a child of its caller's span, with its trace and tracestate", () => {
  const caller = { ...CALLER, traceFlags: 0, traceState: createTraceState('a=1') };
  const spans = make('create', { caller });
  assert.equal(spans.traceRecord.tracestate, 'a=1');
  const span = rootOf(spans);
  assert.equal(span.traceId, CALLER.traceId);
  assert.equal(span.parentSpanId, CALLER.spanId);
  assert.equal(span.remoteParent, true);
  assert.equal(span.flags, 0);
});

test("a later command is a child of create's span", () => {
  const span = rootOf(make('start', { container: { traceparent: OTHER } }));
  assert.equal(span.traceId, 'a'.repeat(32));
  assert.equal(span.parentSpanId, 'b'.repeat(16));
  assert.deepEqual(span.links, []);
});

test("a later command is a child of its caller's span in the container's trace", () => {
  const traceparent = `00-${CALLER.traceId}-${'b'.repeat(16)}-01`;
  const span = rootOf(make('start', { caller: CALLER, container: { traceparent } }));
  assert.equal(span.traceId, CALLER.traceId);
  assert.equal(span.parentSpanId, CALLER.spanId);
  assert.deepEqual(span.links, []);
});

test('a caller in another trace becomes a link', () => {
  const span = rootOf(make('start', { caller: CALLER, container: { traceparent: OTHER } }));
  assert.equal(span.traceId, 'a'.repeat(32));
  assert.equal(span.parentSpanId, 'b'.repeat(16));
  const { traceId, spanId, traceFlags: flags } = CALLER;
  assert.deepEqual(span.links, [{ traceId, spanId, flags, tracestate: undefined }]);
});

test('spans have the times of their stages, since the epoch', () => {
  const spans = make('create');
  const begin = process.hrtime.bigint();
  const side = 'runtime' as const;
  const stage = spans.start('createRuntimeHooks', begin);
  spans.record('hook createRuntime[0]', { start: begin + 10n, end: begin + 20n }, stage);
  spans.end(stage, { end: begin + 1000n, side });
  const before = Date.now();
  const [command, hook, outer] = spans.finish({ exitCode: 0 }, begin + 2000n).spans;
  assert.equal(hook!.parentSpanId, outer!.spanId);
  assert.equal(outer!.parentSpanId, command!.spanId);
  assert.equal(outer!.attributes['davit.stage.side'], side);
  assert.equal(outer!.end - outer!.start, 1000n);
  assert.equal(hook!.start - outer!.start, 10n);
  assert.equal(command!.end - command!.start, begin + 2000n - start);
  assert.equal(command!.attributes['process.exit.code'], 0);
  const ended = Number(command!.end) / 1e6;
  // `begin` was read a little earlier, and Date.now() has whole milliseconds.
  assert.ok(
    Number(outer!.start) / 1e6 < before + 1 && ended < Date.now() + 1,
    `${before} ${ended}`,
  );
});

const hooks = { id: 'web1', stage: 'createRuntimeHooks', side: 'runtime', startTime: 1 } as const;
const pivot = { id: 'web1', stage: 'pivotRoot', side: 'container', startTime: 1 } as const;

function withBus() {
  const spans = make('create');
  const bus = new LifecycleBus();
  spans.subscribe(bus);
  return { spans, bus };
}

test('a running stage is a span, and the parent of its hooks', () => {
  const { spans, bus } = withBus();
  assert.equal(bus.needsRuntimeAt('pivotRoot'), false, 'spans can wait');
  assert.equal(
    bus.hasPromptListenerBefore('createContainerHooks'),
    true,
    'a hook is told of its span',
  );
  assert.equal(spans.running, undefined);
  bus.before(hooks);
  const { spanId } = spans.running!.spanContext();
  const hook = spans.startHook('createRuntime[0]', false);
  const run = { name: 'createRuntime[0]', path: '/bin/true', spanId: hook.spanId };
  bus.emit('hook:ran', { ...run, begin: start, end: process.hrtime.bigint() });
  const interval = new Interval(start, process.hrtime.bigint());
  bus.after({ ...hooks, duration: 1, interval });
  assert.equal(spans.running, undefined);
  bus.error({ ...pivot, duration: 1, interval: new Interval(start, start + 20n), error: EINVAL });
  const [, first, second, third] = spans.finish().spans;
  assert.equal(first!.name, 'hook createRuntime[0]');
  assert.equal(first!.spanId, hook.spanId);
  assert.equal(first!.parentSpanId, spanId);
  assert.equal(first!.attributes['process.executable.path'], '/bin/true');
  assert.equal(second!.spanId, spanId);
  assert.equal(second!.attributes['davit.stage.side'], 'runtime');
  assert.equal(third!.end - third!.start, 20n);
  assert.equal(third!.error, 'no');
  assert.equal(third!.attributes['davit.stage.side'], 'container');
  assert.equal(third!.attributes['error.type'], 'EINVAL');
});

test('the spans of the failed command and stage have the hint', () => {
  const { spans, bus } = withBus();
  const interval = new Interval(start, start + 20n);
  bus.error({ ...pivot, duration: 1, interval, error: EINVAL });
  bus.emit('stage:undone', { ...hooks, duration: 1, interval });
  const error = new StageError('pivotRoot', new Error('no'));
  const [root, undone, stage] = spans.finish({ error, hint: 'do' }).spans;
  assert.equal(root!.attributes['davit.error.hint'], 'do');
  assert.equal(undone!.attributes['davit.error.hint'], undefined);
  assert.equal(stage!.attributes['davit.error.hint'], 'do');
  assert.equal(stage!.end - stage!.start, 20n);
});

test('a failure has a status and attributes, whether thrown or reported by init', () => {
  const thrown = new FieldError('mounts[2]', EPERM);
  for (const error of [thrown, reportFailure(thrown)]) {
    const spans = make('create');
    spans.record('mounts', { start, end: start, error });
    const span = spans.finish().spans[1]!;
    assert.equal(span.error, 'mount proc on /proc: EPERM: operation not permitted');
    assert.equal(span.attributes['error.type'], 'EPERM');
    assert.equal(span.attributes['davit.error.syscall'], 'mount');
    assert.equal(span.attributes['davit.stage.config_path'], 'mounts[2]');
  }
});

test("a failed command keeps the stage's failure; without errno, the error's class", () => {
  const spans = make('create');
  const error = new StageError('mounts', new FieldError('mounts[2]', EPERM));
  const span = spans.finish({ error, exitCode: 1 }).spans[0]!;
  assert.equal(span.attributes['error.type'], 'EPERM');
  assert.equal(span.attributes['davit.stage.config_path'], 'mounts[2]');
  const other = make('create');
  other.record('a', { start, end: start, error: new RangeError('no') });
  other.record('b', { start, end: start, error: new StageError('b', new Error('no')) });
  other.record('c', { start, end: start, error: 'text' });
  const types = other.finish().spans.map(({ attributes }) => attributes['error.type']);
  assert.deepEqual(types, [undefined, 'RangeError', 'StageError', '_OTHER']);
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { context, type Tracer, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { build } from 'esbuild';
import { LifecycleBus } from '../../../../src/bus/bus.ts';
import { Interval } from '../../../../src/bus/events.ts';
import { decodeSpans } from '../../../../src/trace/read/otlp-decode.ts';
import { CommandSpans } from '../../../../src/trace/record/command-spans.ts';
import { activeSpan, programsTracer } from '../../../../src/trace/record/program.ts';
import { encodeTrace } from '../../../../src/trace/store/otlp-encode.ts';
import { CALLER } from '../sample-trace.ts';

const exporter = new InMemorySpanExporter();
assert.equal(programsTracer('0.1.0'), undefined);
trace.setGlobalTracerProvider(
  new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
after(() => {
  trace.disable();
  context.disable();
});

const start = process.hrtime.bigint();
const names = () => exporter.getFinishedSpans().map(({ name }) => name);

/** The names of the ended spans that the program sees while the command runs. */
function record(caller?: typeof CALLER, program = programsTracer('0.1.0')) {
  exporter.reset();
  const spans = new CommandSpans({
    ...{ command: 'create', id: 'web1', start, caller, program },
  });
  const bus = new LifecycleBus();
  spans.subscribe(bus);
  const stage = {
    id: 'web1',
    stage: 'createContainerHooks',
    side: 'container',
    startTime: 1,
  } as const;
  bus.before(stage);
  const { spanId } = spans.startHook('createContainer[0]', true);
  const inInit = [...names()];
  const run = { name: 'createContainer[0]', path: '/bin/false', spanId };
  const error = new RangeError('no');
  bus.emit('hook:ran', { ...run, begin: start, end: process.hrtime.bigint(), error });
  const interval = new Interval(start, process.hrtime.bigint());
  bus.after({ ...stage, duration: 1, interval });
  const live = [...names()];
  const recorded = spans.finish({ exitCode: 0 });
  // Only the store has this resource attribute.
  const { 'davit.exported': mark, ...attributes } = recorded.spans[0]!.attributes;
  assert.equal(mark, true);
  recorded.spans[0]!.attributes = attributes;
  return { recorded, inInit, live };
}

test('davit uses a provider only if the program has registered one', () => {
  assert.ok(programsTracer('0.1.0'));
});

test('the program gets each span when it ends, and no code of the program runs in init', () => {
  const { inInit, live } = record();
  assert.deepEqual(inInit, []);
  assert.deepEqual(live, ['hook createContainer[0]', 'createContainerHooks']);
});

test("the program's exporter gets the same spans as the store, with ids and times", () => {
  const { recorded } = record(CALLER);
  const finished = exporter.getFinishedSpans();
  const text = Buffer.from(JsonTraceSerializer.serializeRequest(finished)!).toString();
  const exported = new Map(decodeSpans(JSON.parse(text)).map((span) => [span.name, span]));
  assert.equal(exported.size, 3);
  for (const span of recorded.spans) {
    const found = exported.get(span.name)!;
    assert.equal(found.traceId, CALLER.traceId);
    // A hook inside init gets its span's id before the program can make the span.
    if (!span.name.startsWith('hook')) assert.equal(found.spanId, span.spanId);
    assert.equal(found.parentSpanId, span.parentSpanId, span.name);
    assert.equal(found.end, span.end, span.name);
    assert.equal(found.error, span.error);
    const attributes = Object.entries(span.attributes).filter(([, value]) => value !== undefined);
    assert.deepEqual(found.attributes, Object.fromEntries(attributes));
  }
  const [root, hook, stage] = recorded.spans;
  assert.equal(root!.parentSpanId, CALLER.spanId);
  assert.equal(stage!.parentSpanId, root!.spanId);
  assert.equal(hook!.parentSpanId, stage!.spanId);
});

test('if the program makes no span, davit makes the ids', () => {
  const startSpan: Tracer['startSpan'] = (_, __, parent) =>
    trace.wrapSpanContext(trace.getSpanContext(parent!)!);
  const program = { startSpan } as Tracer;
  const { recorded } = record(CALLER, program);
  const ids = new Set(recorded.spans.map(({ spanId }) => spanId));
  assert.equal(ids.size, 3);
  assert.ok(!ids.has(CALLER.spanId));
});

test('the store has the same OTLP as the official serializer writes', () => {
  const { recorded } = record(CALLER);
  const text = Buffer.from(
    JsonTraceSerializer.serializeRequest(exporter.getFinishedSpans())!,
  ).toString();
  const official = JSON.parse(text).resourceSpans[0].scopeSpans[0];
  const ours = JSON.parse(JSON.stringify(encodeTrace(recorded))).resourceSpans[0].scopeSpans[0];
  assert.deepEqual(ours.scope, official.scope);
  for (const span of ours.spans) {
    const match = official.spans.find((other: { name: string }) => other.name === span.name);
    for (const [key, value] of Object.entries<unknown>(span)) {
      if (['spanId', 'parentSpanId', 'startTimeUnixNano', 'flags', 'events'].includes(key))
        continue;
      assert.deepEqual(sorted(value), sorted(match[key]), `${span.name} ${key}`);
    }
  }
});

test('without a caller the command is in the trace that the SDK begins', () => {
  const { recorded } = record();
  const root = exporter.getFinishedSpans().find(({ name }) => name === 'davit create')!;
  assert.equal(recorded.spans[0]!.traceId, root.spanContext().traceId);
  assert.equal(recorded.spans[2]!.traceId, root.spanContext().traceId);
  assert.equal(recorded.spans[0]!.parentSpanId, undefined);
});

test("the program's active span is the parent", () => {
  assert.equal(activeSpan(), undefined);
  trace.getTracer('test').startActiveSpan('request', (span) => {
    const { traceId, spanId } = span.spanContext();
    assert.equal(activeSpan()!.traceId, traceId);
    assert.equal(activeSpan()!.spanId, spanId);
    span.end();
  });
});

test("recording and storing load OpenTelemetry's API, but not its SDK", async () => {
  const source = `${import.meta.dirname}/../../../../src/trace`;
  const { metafile } = await build({
    entryPoints: [`${source}/record/command-spans.ts`, `${source}/store/store.ts`],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    outdir: '/',
  });
  const packages = Object.keys(metafile.inputs).map(
    (path) => /node_modules\/((?:@\w+\/)?[\w-]+)/.exec(path)?.[1],
  );
  assert.deepEqual(new Set(packages), new Set([undefined, '@opentelemetry/api']));
});

/**
 * Makes both comparable: attributes have no order, and integers may be strings in protobuf's JSON.
 */
function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value
    .map((item) => JSON.stringify(item).replace(/"intValue":"?(-?\d+)"?/, '"intValue":$1'))
    .sort();
}

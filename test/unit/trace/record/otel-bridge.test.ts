import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { build } from 'esbuild';
import { decodeSpans } from '../../../../src/trace/read/otlp-decode.ts';
import { activeSpan, bridge } from '../../../../src/trace/record/otel-bridge.ts';
import { Recorder } from '../../../../src/trace/record/recorder.ts';
import { hasTracerProvider } from '../../../../src/trace/record/tracer-provider.ts';
import { encodeTrace } from '../../../../src/trace/store/otlp-encode.ts';
import { CALLER } from '../sample-trace.ts';

const exporter = new InMemorySpanExporter();
assert.equal(hasTracerProvider(), false);
trace.setGlobalTracerProvider(
  new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
after(() => {
  trace.disable();
  context.disable();
});

function record(caller?: typeof CALLER) {
  exporter.reset();
  const start = process.hrtime.bigint();
  const recorder = new Recorder({
    ...{ command: 'create', start, caller, version: '0.1.0' },
    begin: bridge,
  });
  recorder.setContainer('web1');
  const spanId = recorder.newSpanId();
  recorder.span('hook createRuntime[0]', {
    start: start + 2_000n,
    end: start + 3_000n,
    parent: spanId,
    error: new RangeError('no'),
    events: [{ name: 'slow', time: start + 2_500n, attributes: { 'davit.share': 0.5 } }],
  });
  recorder.span('hooks', { start: start + 1_000n, end: start + 9_000n, side: 'runtime', spanId });
  const recorded = recorder.finish({ attributes: { 'davit.list': ['a', 'b'] } });
  // The one thing that the store has and the program's exporter has not.
  const { 'davit.exported': mark, ...attributes } = recorded.spans[0]!.attributes;
  assert.equal(mark, true);
  recorded.spans[0]!.attributes = attributes;
  return { recorder, recorded };
}

test('a registered provider is seen, and only then', () => {
  assert.equal(hasTracerProvider(), true);
});

test("the program's exporter gets the spans of the store, with their times", () => {
  const { recorded } = record(CALLER);
  const finished = exporter.getFinishedSpans();
  const text = Buffer.from(JsonTraceSerializer.serializeRequest(finished)!).toString();
  const exported = new Map(decodeSpans(JSON.parse(text)).map((span) => [span.name, span]));
  assert.equal(exported.size, 3);
  for (const span of recorded.spans) {
    const found = exported.get(span.name)!;
    assert.equal(found.traceId, CALLER.traceId);
    assert.equal(found.end, span.end, span.name);
    assert.equal(found.error, span.error);
    const attributes = Object.entries(span.attributes).filter(([, value]) => value !== undefined);
    assert.deepEqual(found.attributes, Object.fromEntries(attributes));
    assert.deepEqual(
      found.events.map(({ time }) => time),
      span.events.map(({ time }) => time),
    );
  }
  const [root, hook, hooks] = recorded.spans.map(({ name }) => exported.get(name)!);
  assert.equal(root!.spanId, recorded.spans[0]!.spanId);
  assert.equal(root!.parentSpanId, CALLER.spanId);
  assert.equal(hooks!.parentSpanId, root!.spanId);
  assert.equal(hook!.parentSpanId, hooks!.spanId);
});

test('the store has OTLP as the official serializer writes it', () => {
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

test('without a caller the recorder takes over the trace that the SDK begins', () => {
  const { recorder, recorded } = record();
  const root = exporter.getFinishedSpans().find(({ name }) => name === 'davit create')!;
  assert.equal(recorder.context.traceId, root.spanContext().traceId);
  assert.equal(recorded.spans[2]!.traceId, root.spanContext().traceId);
  assert.equal(recorded.spans[0]!.parentSpanId, undefined);
});

test("the program's active span is the caller", () => {
  assert.equal(activeSpan(), undefined);
  trace.getTracer('test').startActiveSpan('request', (span) => {
    const { traceId, spanId } = span.spanContext();
    assert.deepEqual(activeSpan(), { traceId, spanId, flags: 1, tracestate: undefined });
    span.end();
  });
});

test('recording and storing load nothing of OpenTelemetry', async () => {
  const source = `${import.meta.dirname}/../../../../src/trace`;
  const files = ['record/recorder', 'store/store', 'record/tracer-provider', 'record/stage-spans'];
  const entryPoints = files.map((name) => `${source}/${name}.ts`);
  const { metafile } = await build({
    entryPoints,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    outdir: '/',
  });
  const inputs = Object.keys(metafile.inputs);
  assert.ok(inputs.some((path) => path.endsWith('record/clock.ts')));
  assert.deepEqual(
    inputs.filter((path) => path.includes('node_modules')),
    [],
  );
});

/** Attributes have no order; whole numbers may be a string or not in protobuf's JSON. */
function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value
    .map((item) => JSON.stringify(item).replace(/"intValue":"?(-?\d+)"?/, '"intValue":$1'))
    .sort();
}

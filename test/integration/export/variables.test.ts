import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeTrace } from '../../../src/trace/store/otlp-encode.ts';
import type { Span } from '../../../src/trace/store/span.ts';
import { traceFile } from '../../../src/trace/store/store.ts';
import { needsRoot } from '../../support/bundle.ts';
import {
  endpoint,
  exporterEnds,
  exportFrom,
  idsIn,
  idsOf,
  missing,
  storedSpans,
  withBackend,
} from './exporting.ts';
import type { Item, OtlpReceiver, Signal } from './otlp-receiver.ts';

const options = { skip: needsRoot };

test('each unknown value of a variable is reported once', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const wrong = {
    OTEL_TRACES_EXPORTER: 'otlp,jaeger',
    OTEL_METRICS_EXPORTER: 'otlp,statsd',
    OTEL_LOGS_EXPORTER: 'otlp,syslog',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/xml',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'zip',
    OTEL_EXPORTER_OTLP_TIMEOUT: 'soon',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'both',
    OTEL_PROPAGATORS: 'b4',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_LOG_LEVEL: 'loud',
    OTEL_BSP_EXPORT_TIMEOUT: 'late',
    OTEL_BSP_MAX_QUEUE_SIZE: '-1',
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: 'lots',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '-4',
    OTEL_SPAN_EVENT_COUNT_LIMIT: 'few',
    OTEL_NODE_RESOURCE_DETECTORS: 'env,gpu',
    OTEL_SDK_DISABLED: 'maybe',
  };
  const { output } = await exportFrom(bundle, { ...endpoint(receiver), ...wrong });
  for (const [name, value] of Object.entries(wrong)) {
    const bad = value.split(',').at(-1)!;
    const lines = output
      .split('\n')
      .filter((line) => line.includes(bad) && !line.includes('http:'));
    const said = name === 'OTEL_EXPORTER_OTLP_PROTOCOL' ? ['traces', 'metrics', 'logs'] : [name];
    // Search for the value: the SDK does not always name the variable.
    assert.equal(lines.length, said.length, `${name}=${value}: ${lines.join('\n')}`);
  }
  assert.deepEqual(missing(bundle, receiver), []);
});

test('warnings of the background exporter about variables are in --status', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const run = async (env: Record<string, string>) => {
    const own = { ...endpoint(receiver), ...env };
    bundle.runtimeWith({ env: own }, 'run', '--bundle', bundle.dir, bundle.id);
    await exporterEnds(bundle);
    return bundle.runtime('export', '--status').stdout;
  };
  const warned = await run({ OTEL_TRACES_EXPORTER: 'jaeger', OTEL_PROPAGATORS: 'b4' });
  assert.match(
    warned,
    /^traces .* more waits; at .*: OTEL_TRACES_EXPORTER: the SDK has no such exporter: jaeger$/m,
  );
  assert.match(warned, /^metrics +[1-9]\d* sent, .*nothing waits$/m);
  assert.match(warned, /^Propagator "b4" requested .* is unavailable\.$/m);
  const file = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://localhost:1' };
  const certificate = { OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: '/nope/ca.pem' };
  const missed = await run({ ...file, ...certificate, OTEL_METRICS_EXPORTER: 'none' });
  assert.match(missed, /^traces .*: OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: .*\/nope\/ca\.pem/m);
  const mended = await run({});
  assert.match(mended, /^traces +[1-9]\d* sent, .*nothing waits/m);
  assert.doesNotMatch(mended, /b4/);
});

test('an invalid item of a list is left out, and the others apply', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const { status, output } = await exportFrom(bundle, {
    ...endpoint(receiver),
    OTEL_RESOURCE_ATTRIBUTES: 'a=1,zone, b=x%3Dy ,c=1=2,,d=%,team=blue',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue,s3cret,x-other = red',
  });
  assert.equal(status, 0, output);
  assert.deepEqual(output.match(/^OTEL_RESOURCE_ATTRIBUTES: ".*?" is left out/gm), [
    'OTEL_RESOURCE_ATTRIBUTES: "zone" is left out',
    'OTEL_RESOURCE_ATTRIBUTES: "c=1=2" is left out',
    'OTEL_RESOURCE_ATTRIBUTES: "d=%" is left out',
  ]);
  assert.match(output, /^OTEL_EXPORTER_OTLP_HEADERS: item 2 is not KEY=VALUE: it is left out$/m);
  assert.doesNotMatch(output, /s3cret/);
  for (const signal of ['traces', 'metrics'] as const) {
    const { headers, body } = receiver.received.find((one) => one.signal === signal)!;
    assert.deepEqual([headers['x-tenant'], headers['x-other']], ['blue', 'red']);
    const attributes = resourceOf(body, signal);
    assert.deepEqual(
      ['a', 'b', 'c', 'd', 'team', 'zone'].map((key) => attributes.get(key)),
      ['1', 'x=y', undefined, undefined, 'blue', undefined],
    );
  }
});

function resourceOf(body: Item, signal: Signal): Map<string, string | undefined> {
  const name = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' }[
    signal
  ];
  const [{ resource }] = body[name] as [{ resource: Resource }];
  return new Map(resource.attributes.map(({ key, value }) => [key, value.stringValue]));
}

interface Resource {
  attributes: { key: string; value: { stringValue?: string } }[];
}

test('an endpoint may have no scheme, and may have a query', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const given = `localhost:${receiver.port}/otlp/?key=s3cret`;
  receiver.answer = () => ({});
  const http = await exportFrom(bundle, {
    OTEL_EXPORTER_OTLP_ENDPOINT: given,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  assert.equal(http.status, 0, http.output);
  assert.match(http.output, /^traces +http:\/\/localhost:\d+\/otlp\/v1\/traces +[1-9]\d* sent$/m);
  assert.doesNotMatch(http.output, /s3cret/);
  assert.deepEqual(receiver.received.map(({ url }) => url).sort(), [
    '/otlp/v1/metrics?key=s3cret',
    '/otlp/v1/traces?key=s3cret',
  ]);
  const grpc = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `localhost:${receiver.grpcPort}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
  };
  const tls = await exportFrom(bundle, grpc, '--again', '--timeout', '0s');
  assert.match(tls.output, /^traces +https:\/\/localhost:\d+ +0 sent, the rest waits: /m);
  const insecure = { ...grpc, OTEL_EXPORTER_OTLP_INSECURE: 'true' };
  const plain = await exportFrom(bundle, insecure, '--again');
  assert.match(plain.output, /^traces +http:\/\/localhost:\d+ +[1-9]\d* sent$/m);
});

test('OTEL_LOG_LEVEL=debug prints readable messages', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const env = { ...endpoint(receiver), OTEL_LOG_LEVEL: 'debug' };
  const { status, output } = await exportFrom(bundle, env);
  assert.equal(status, 0);
  assert.match(output, /OTLPExportDelegate items to be sent/);
  assert.match(output, /name: 'pivotRoot'/);
  assert.match(output, /HostDetector found resource\. ResourceImpl\d? \{/);
  assert.doesNotMatch(output, /\[object Object\]/);
  const quiet = await exportFrom(bundle, {
    ...env,
    OTEL_LOG_LEVEL: 'none',
    OTEL_PROPAGATORS: 'b4',
  });
  assert.doesNotMatch(quiet.output, /b4/);
});

test("the SDK's limits apply", options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const { status, output } = await exportFrom(bundle, {
    ...endpoint(receiver),
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
    OTEL_BSP_MAX_QUEUE_SIZE: '7',
  });
  assert.equal(status, 0, output);
  assert.deepEqual(missing(bundle, receiver), []);
  const root = receiver.items('traces').find(({ name }) => name === 'davit run') as unknown as {
    attributes: { value: { stringValue: string } }[];
    droppedAttributesCount: number;
  };
  const values = root.attributes.map(({ value }) => value.stringValue.length);
  assert.deepEqual(values, [3, 3]);
  assert.ok(root.droppedAttributesCount > 3);
  assert.equal(Math.max(...sizesOf(receiver)), 7);
});

/** The number of spans in each request. */
const sizesOf = ({ received }: OtlpReceiver): number[] =>
  received.filter(({ signal }) => signal === 'traces').map((one) => idsIn(one).length);

test('ten thousand spans of one command are sent in batches', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const [root] = storedSpans(bundle) as [Span];
  const spans = Array.from({ length: 10_000 }, (_, i) => ({
    ...{ ...root, attributes: {}, spanId: (i + 1).toString(16).padStart(16, '0') },
    parentSpanId: i === 0 ? undefined : '1'.padStart(16, '0'),
  }));
  const line = JSON.stringify(encodeTrace({ resource: { 'service.name': 'davit' }, spans }));
  writeFileSync(traceFile(bundle.traces, bundle.id), `${line}\n`);
  const { status, output } = await exportFrom(bundle, endpoint(receiver));
  assert.equal(status, 0, output);
  assert.match(output, /traces .* 10000 sent\n/);
  assert.equal(new Set(idsOf(receiver)).size, 10_000);
  assert.deepEqual(sizesOf(receiver), [...Array(19).fill(512), 272]);
});

test("the exporter's OTEL_TRACES_SAMPLER applies as well", options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const off = { ...endpoint(receiver), OTEL_TRACES_SAMPLER: 'always_off' };
  const none = await exportFrom(bundle, off);
  assert.equal(none.status, 0, none.output);
  assert.deepEqual(idsOf(receiver), []);
  assert.ok(receiver.items('metrics').length > 0);
});

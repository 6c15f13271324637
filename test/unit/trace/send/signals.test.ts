import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destinationOf, otlpEndpoint } from '../../../../src/trace/send/connection/destination.ts';
import { exportersOf, SIGNALS, signalsInBackground } from '../../../../src/trace/send/signals.ts';

const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://backend:4318';

const exported = (environment: Record<string, string>) =>
  SIGNALS.map((signal) => exportersOf(environment, signal).join());

test('signals are exported if the variables set an endpoint or exporter', () => {
  assert.deepEqual(exported({}), ['', '', '']);
  assert.deepEqual(exported({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }), ['', '', '']);
  assert.deepEqual(exported({ OTEL_EXPORTER_OTLP_ENDPOINT }), ['otlp', 'otlp', 'otlp']);
  assert.deepEqual(exported({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs' }), ['', '', 'otlp']);
  assert.deepEqual(exported({ OTEL_TRACES_EXPORTER: 'otlp,, zipkin,otlp ' }), [
    'otlp,zipkin',
    '',
    '',
  ]);
});

test('none and OTEL_SDK_DISABLED turn signals off, the background turns console off', () => {
  const some = {
    OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'console,prometheus',
  };
  assert.deepEqual(exported(some), ['', 'console,prometheus', 'otlp']);
  assert.deepEqual(signalsInBackground(some), ['logs']);
  assert.deepEqual(signalsInBackground({ OTEL_TRACES_EXPORTER: 'console,jaeger' }), ['traces']);
  const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' };
  assert.deepEqual(exported(disabled), ['', '', '']);
});

const [endpoint, own] = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };

for (const [environment, url, shown = url] of [
  [{}, 'http://localhost:4318/v1/traces'],
  [{ [endpoint]: 'http://b/otlp/' }, 'http://b/otlp/v1/traces'],
  [{ [endpoint]: 'localhost:4318' }, 'http://localhost:4318/v1/traces'],
  [{ [endpoint]: 'https://u:p@b/?key=1' }, 'https://u:p@b/v1/traces?key=1', 'https://b/v1/traces'],
  [{ [own]: 'http://b/in' }, 'http://b/in'],
  [{ [own]: 'b:1/in?key=1' }, 'http://b:1/in?key=1', 'http://b:1/in'],
  [grpc, 'http://localhost:4317/', 'http://localhost:4317'],
  [{ ...grpc, [endpoint]: 'b:1' }, 'https://b:1/', 'https://b:1'],
  [
    { ...grpc, [endpoint]: 'b:1', OTEL_EXPORTER_OTLP_INSECURE: 'true' },
    'http://b:1/',
    'http://b:1',
  ],
  [{ ...grpc, [endpoint]: 'unix:///run/otel.sock' }, 'unix:///run/otel.sock'],
] as [Record<string, string>, string, string?][]) {
  test(`${JSON.stringify(environment)} means ${url}`, () => {
    assert.equal(otlpEndpoint(environment, 'traces').url.href, url);
    assert.equal(destinationOf(environment, 'traces', ['otlp', 'console']), `${shown}, console`);
  });
}

test('an invalid endpoint is an error', () => {
  for (const [name, value] of [
    [endpoint, 'ftp://backend'],
    [own, 'http://[backend'],
    ['OTEL_EXPORTER_ZIPKIN_ENDPOINT', 'a b'],
  ] as const) {
    assert.throws(() => destinationOf({ [name]: value }, 'traces', ['otlp', 'zipkin']), {
      message: `${name}: expected a URL such as http://localhost:4318, not "${value}"`,
    });
  }
});

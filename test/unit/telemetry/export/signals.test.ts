import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destinationOf } from '../../../../src/telemetry/export/destination.ts';
import { exportedSignals } from '../../../../src/telemetry/export/signals.ts';

const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://backend:4318';

test('signals are exported where the variables ask for it', () => {
  assert.deepEqual(exportedSignals({}), []);
  assert.deepEqual(exportedSignals({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }), []);
  const all = ['traces', 'metrics', 'logs'];
  assert.deepEqual(exportedSignals({ OTEL_EXPORTER_OTLP_ENDPOINT }), all);
  const one = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs' };
  assert.deepEqual(exportedSignals(one), ['logs']);
  assert.deepEqual(exportedSignals({ OTEL_TRACES_EXPORTER: 'otlp' }), ['traces']);
});

test('none, other exporters and OTEL_SDK_DISABLED turn them off', () => {
  const off = { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: 'none' };
  assert.deepEqual(exportedSignals(off), ['metrics', 'logs']);
  const console = { ...off, OTEL_METRICS_EXPORTER: 'console', OTEL_LOGS_EXPORTER: 'console, otlp' };
  assert.deepEqual(exportedSignals(console), ['logs']);
  const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' };
  assert.deepEqual(exportedSignals(disabled), []);
});

for (const [environment, url] of [
  [{}, 'http://localhost:4318/v1/traces'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b/otlp/' }, 'http://b/otlp/v1/traces'],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/in' }, 'http://b/in'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'http://localhost:4317'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'b:1' }, 'http://b:1'],
] as const) {
  test(`${JSON.stringify(environment)} means ${url}`, () => {
    assert.equal(destinationOf(environment, 'traces').url, url);
  });
}

test('a protocol or an endpoint that is none is an error', () => {
  const protocol = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/xml' };
  assert.throws(
    () => destinationOf(protocol, 'traces'),
    /expected grpc, http\/protobuf, http\/json/,
  );
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'backend' };
  assert.throws(() => destinationOf(endpoint, 'traces'), /expected a URL .* not backend/);
});

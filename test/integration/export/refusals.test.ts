import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import {
  endpoint,
  exportFrom,
  idsOf,
  missing,
  PROTOCOLS,
  storedSpans,
  withBackend,
} from './exporting.ts';
import { OtlpReceiver, type Signal } from './otlp-receiver.ts';

const options = { skip: needsRoot };

test('a backend that was down gets everything once when it is up', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const { port } = receiver;
  await receiver[Symbol.asyncDispose]();
  const env = endpointAt(port);
  const hasty = { ...env, OTEL_EXPORTER_OTLP_TIMEOUT: '1000' };
  const down = await exportFrom(bundle, hasty, '--timeout', '0s');
  assert.equal(down.status, 1);
  assert.match(down.output, /traces .* 0 sent, the rest waits: .*ECONNREFUSED/);

  const again = await OtlpReceiver.listen(port);
  t.after(() => again[Symbol.asyncDispose]());
  const up = await exportFrom(bundle, env);
  assert.equal(up.status, 0, up.output);
  assert.deepEqual(missing(bundle, again), []);
  assert.equal(new Set(idsOf(again)).size, idsOf(again).length);
});

const endpointAt = (port: number) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });

for (const [what, protocol, answer] of [
  ['429 with Retry-After', 'http/protobuf', { status: 429, headers: { 'retry-after': '0' } }],
  ['503', 'http/json', { status: 503 }],
  ['no answer in time', 'http/protobuf', { silent: true }],
  ['UNAVAILABLE', 'grpc', { status: 14 }],
] as const) {
  test(`${what}: the request is sent again`, options, async (t) => {
    const { receiver, bundle } = await withBackend(t);
    const asked = new Set<Signal>();
    receiver.answer = ({ signal }) => {
      if (asked.has(signal)) return {};
      asked.add(signal);
      return answer;
    };
    const env = { ...endpoint(receiver, protocol), OTEL_EXPORTER_OTLP_TIMEOUT: '1000' };
    const done = await exportFrom(bundle, env);
    assert.equal(done.status, 0, done.output);
    assert.deepEqual(missing(bundle, receiver), []);
    assert.ok(receiver.received.filter(({ signal }) => signal === 'traces').length > 1);
  });
}

for (const [what, protocol, status] of [
  ['HTTP 400', 'http/protobuf', 400],
  ['3 INVALID_ARGUMENT', 'grpc', 3],
] as const) {
  test(`${what}: is counted, reported, and not sent again`, options, async (t) => {
    const { receiver, bundle } = await withBackend(t);
    receiver.answer = () => ({ status });
    const refused = await exportFrom(bundle, endpoint(receiver, protocol));
    assert.equal(refused.status, 1);
    const count = storedSpans(bundle).length;
    assert.match(refused.output, new RegExp(`traces .* 0 sent, ${count} refused: ${what}`));
    const { length } = receiver.received;
    const { stdout } = bundle.runtime('export', '--status');
    assert.match(stdout, new RegExp(`traces .* ${count} refused, nothing waits; at .*: ${what}`));
    const done = await exportFrom(bundle, endpoint(receiver, protocol));
    assert.equal(done.status, 0, done.output);
    assert.equal(receiver.received.length, length);
  });
}

for (const protocol of PROTOCOLS) {
  test(`${protocol}: spans rejected by a partial success are counted`, options, async (t) => {
    const { receiver, bundle } = await withBackend(t);
    const count = storedSpans(bundle).length;
    for (const [rejectedSpans, refused] of [
      ['2', 2],
      [String(count + 1), count],
      ['-7', 0],
    ] as const) {
      receiver.answer = ({ signal }) =>
        signal === 'traces'
          ? { message: { partialSuccess: { rejectedSpans, errorMessage: 'too old' } } }
          : {};
      const done = await exportFrom(bundle, endpoint(receiver, protocol), '--again');
      assert.equal(done.status, refused > 0 ? 1 : 0);
      const said = refused > 0 ? `, ${refused} refused: too old` : '';
      assert.match(done.output, new RegExp(`traces .* ${count - refused} sent${said}\n`));
    }
  });
}

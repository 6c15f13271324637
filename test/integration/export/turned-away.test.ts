import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import {
  endpoint,
  exporterEnds,
  exportFrom,
  idsIn,
  missing,
  storedSpans,
  withBackend,
} from './exporting.ts';

const options = { skip: needsRoot };

for (const [protocol, answers] of [
  [
    'http/protobuf',
    [
      [301, 'HTTP 301 Moved Permanently to https://elsewhere/'],
      [401, 'HTTP 401 Unauthorized'],
      [403, 'HTTP 403 Forbidden'],
      [404, 'HTTP 404 Not Found'],
      [413, 'HTTP 413 Payload Too Large'],
    ],
  ],
  [
    'grpc',
    [
      [7, '7 PERMISSION_DENIED: '],
      [8, '8 RESOURCE_EXHAUSTED: '],
      [12, '12 UNIMPLEMENTED: '],
      [16, '16 UNAUTHENTICATED: '],
    ],
  ],
] as const) {
  test(
    `${protocol}: after an answer that blames the settings, spans are kept, and the next export sends them`,
    options,
    async (t) => {
      const { receiver, bundle } = await withBackend(t);
      const env = endpoint(receiver, protocol);
      for (const [status, reason] of answers) {
        receiver.answer = () => ({ status, headers: { location: 'https://elsewhere/' } });
        const away = await exportFrom(bundle, env);
        assert.equal(away.status, 1);
        for (const signal of ['traces', 'metrics']) {
          const kept = new RegExp(`${signal} .* 0 sent, the rest waits: ${reason}`);
          assert.match(away.output, kept);
          const told = new RegExp(
            `${signal} +0 sent, 0 refused, more waits; at .*: ${reason}.*: kept, and sent when the settings have changed`,
          );
          assert.match(bundle.runtime('export', '--status').stdout, told);
        }
      }
      receiver.answer = () => ({});
      receiver.received.length = 0;
      const done = await exportFrom(bundle, env);
      assert.equal(done.status, 0, done.output);
      assert.deepEqual(missing(bundle, receiver), []);
      assert.doesNotMatch(bundle.runtime('export', '--status').stdout, /kept/);
    },
  );
}

test('after such an answer, the background exporter waits for new settings', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  receiver.answer = ({ headers }) => ({ status: headers['x-token'] === 'right' ? 200 : 401 });
  const run = async (token: string) => {
    const env = { ...endpoint(receiver), OTEL_EXPORTER_OTLP_HEADERS: `x-token=${token}` };
    bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
    await exporterEnds(bundle);
    return receiver.received.splice(0).length;
  };
  assert.equal(await run('wrong'), 2, 'traces and metrics');
  assert.equal(await run('wrong'), 0, 'the same settings');
  const env = { ...endpoint(receiver), OTEL_EXPORTER_OTLP_HEADERS: 'x-token=right' };
  bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  await exporterEnds(bundle);
  assert.deepEqual(missing(bundle, receiver), []);
  assert.doesNotMatch(bundle.runtime('export', '--status').stdout, /more waits|kept/);
});

test('--again and --since resend what was sent or refused', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  receiver.answer = () => ({ status: 400 });
  await exportFrom(bundle, endpoint(receiver));
  receiver.answer = () => ({});
  const before = storedSpans(bundle).length;
  const again = await exportFrom(bundle, endpoint(receiver), '--again');
  assert.equal(again.status, 0, again.output);
  assert.match(again.output, new RegExp(`traces .* ${before} sent\n`));
  // The file has all commands in order: those before and those after this moment.
  const between = new Date().toISOString();
  assert.equal(bundle.run().status, 0);
  receiver.received.length = 0;
  const since = await exportFrom(bundle, endpoint(receiver), '--since', between);
  assert.match(since.output, new RegExp(`traces .* ${storedSpans(bundle).length - before} sent\n`));
  const runs = receiver
    .items('metrics')
    .filter(({ name }) => name === 'davit.command.duration')
    .map(
      ({ histogram }) => (histogram as { dataPoints: { count: string }[] }).dataPoints[0]!.count,
    );
  assert.deepEqual(runs.map(Number), [1, 2], 'what was counted is not counted again');
  const wrong = bundle.runtime('export', '--since', 'yesterday');
  assert.match(wrong.stderr, /--since: "yesterday" is neither a duration .* nor a time/);
});

for (const [what, protocol, status] of [
  ['413', 'http/json', 413],
  ['8 RESOURCE_EXHAUSTED', 'grpc', 8],
] as const) {
  test(`${what}: a request that is too large is sent in parts`, options, async (t) => {
    const { receiver, bundle } = await withBackend(t);
    const [huge] = storedSpans(bundle);
    receiver.answer = (received) => {
      const ids = idsIn(received);
      return ids.length > 10 || ids.includes(huge!.spanId) ? { status } : {};
    };
    const done = await exportFrom(bundle, endpoint(receiver, protocol));
    assert.equal(done.status, 1);
    const count = storedSpans(bundle).length;
    // One span is too large by itself.
    assert.match(done.output, new RegExp(`traces .* ${count - 1} sent, 1 refused: .*${status}`));
    assert.deepEqual(missing(bundle, receiver), []);
    const again = await exportFrom(bundle, endpoint(receiver, protocol));
    assert.match(again.output, /traces .* 0 sent\n/);
  });
}

test('a success with a very long body is a success', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  receiver.answer = () => ({ body: Buffer.alloc(8 * 1024 * 1024) });
  const done = await exportFrom(bundle, endpoint(receiver));
  assert.equal(done.status, 0, done.output);
  assert.match(done.output, new RegExp(`traces .* ${storedSpans(bundle).length} sent\n`));
  receiver.received.length = 0;
  await exportFrom(bundle, endpoint(receiver));
  assert.deepEqual(receiver.received, []);
});

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nodeFlags } from '../../build/node-options.ts';
import { UNFINISHED } from '../../src/telemetry/attributes.ts';
import { decodeSpans } from '../../src/telemetry/otlp-decode.ts';
import type { Span } from '../../src/telemetry/span.ts';
import { traceFile } from '../../src/telemetry/store.ts';
import { type Bundle, makeBundle, needsRoot } from '../support/bundle.ts';
import { processesOf } from '../support/leftovers.ts';
import { OtlpReceiver, type Signal } from '../support/otlp-receiver.ts';
import { waitFor } from '../support/wait-for.ts';

const options = { skip: needsRoot };

const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;

/** A bundle whose container has run, and failed to, and a backend. */
async function setUp(t: TestContext) {
  const receiver = await OtlpReceiver.listen();
  t.after(() => receiver[Symbol.asyncDispose]());
  const bundle = makeBundle(t);
  assert.equal(bundle.run().status, 0);
  return { receiver, bundle };
}

function endpoint(receiver: OtlpReceiver, protocol: string = 'http/protobuf') {
  const port = protocol === 'grpc' ? receiver.grpcPort : receiver.port;
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    // An exporter in the background is to end while the test waits.
    OTEL_BSP_SCHEDULE_DELAY: '20',
  };
}

/** `davit export`, while this process answers it. */
async function exportFrom(bundle: Bundle, env: Record<string, string>, ...flags: string[]) {
  const child = bundle.startRuntime({ env }, 'export', ...flags);
  const out: Buffer[] = [];
  child.stdout!.on('data', (chunk) => out.push(chunk));
  child.stderr!.on('data', (chunk) => out.push(chunk));
  const [status] = await once(child, 'close');
  return { status, output: Buffer.concat(out).toString() };
}

/** What the store has of all the bundle's lives, but for how far a command had got meanwhile. */
function storedSpans({ traces, id }: Bundle): Span[] {
  const lines = readFileSync(traceFile(traces, id), 'utf8').trim().split('\n');
  return lines
    .flatMap((line) => decodeSpans(JSON.parse(line)))
    .filter(({ attributes }) => attributes[UNFINISHED] !== true);
}

const exportersOf = (bundle: Bundle): string[] =>
  processesOf(bundle.dir).filter((line) => line.includes(' export --background'));

const exporterEnds = (bundle: Bundle) => waitFor(() => exportersOf(bundle).length === 0);

const idsOf = (receiver: OtlpReceiver): string[] =>
  receiver.items('traces').map(({ spanId }) => spanId as string);

for (const protocol of PROTOCOLS) {
  test(
    `${protocol}: spans arrive as they were stored, with metrics and failures`,
    options,
    async (t) => {
      const { receiver, bundle } = await setUp(t);
      bundle.configure((spec) => {
        spec.process.args = ['/absent'];
      });
      assert.equal(bundle.run().status, 1);
      const done = await exportFrom(bundle, endpoint(receiver, protocol));
      assert.equal(done.status, 0, done.output);

      const stored = storedSpans(bundle);
      const spans = decodeSpans(tracesOf(receiver));
      assert.ok(stored.length > 60);
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      for (const span of stored) assert.deepEqual(byId.get(span.spanId), span, span.name);

      const stages = receiver.items('metrics').find(({ name }) => name === 'davit.stage.duration');
      assert.equal(stages!.unit, 's');
      const [log, ...others] = receiver.items('logs');
      const failed = stored.find(({ name, error }) => name === 'davit run' && error)!;
      assert.deepEqual(others, []);
      assert.equal(log!.traceId, failed.traceId);
      assert.equal(log!.spanId, failed.spanId);
      assert.equal(log!.severityNumber, 17);
      assert.deepEqual(log!.body, { stringValue: failed.error });
    },
  );
}

for (const own of [false, true]) {
  const what = own
    ? 'its own telemetry gets the traces, and nobody twice'
    : 'has its traces exported';
  test(`a program that embeds davit: ${what}`, options, async (t) => {
    const { receiver, bundle } = await setUp(t);
    rmSync(bundle.traces, { recursive: true });
    const program = join(import.meta.dirname, '../support/embed-exporting.ts');
    const child = spawn(
      process.execPath,
      [...nodeFlags, program, bundle.root, bundle.dir, bundle.id, ...(own ? ['sdk'] : [])],
      {
        env: { ...process.env, ...endpoint(receiver), DAVIT_TRACE_DIR: bundle.traces },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [[out], [status]] = await Promise.all([once(child.stdout, 'data'), once(child, 'close')]);
    const { spans, children } = JSON.parse(String(out));
    assert.deepEqual({ status, children }, { status: 0, children: 0 });
    const stored = storedSpans(bundle).length;
    if (own) {
      assert.equal(spans, stored);
      // Whoever exports the store later leaves them out; what is counted is nobody else's.
      const done = await exportFrom(bundle, endpoint(receiver));
      assert.equal(done.status, 0, done.output);
      assert.deepEqual(idsOf(receiver), []);
      assert.ok(receiver.items('metrics').length > 0);
    } else {
      assert.deepEqual([spans, idsOf(receiver).length], [0, stored]);
    }
  });
}

test('the metrics are those of the plugin of that name', options, async (t) => {
  const { receiver, bundle } = await setUp(t);
  const [config, path, otlp] = ['davit.json', 'davit.prom', 'otlp.jsonl'].map((name) =>
    join(bundle.dir, name),
  ) as [string, string, string];
  const plugins = [{ plugin: 'davit/plugins/metrics', options: { path, otlp } }];
  writeFileSync(config, JSON.stringify({ plugins }));
  rmSync(bundle.traces, { recursive: true });
  for (const program of ['true', '/absent']) {
    bundle.configure((spec) => {
      spec.process.args = [program];
      spec.hooks = {
        createRuntime: [{ path: '/bin/true' }],
        startContainer: [{ path: '/bin/true' }],
      };
    });
    const env = { DAVIT_CONFIG: config };
    bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  }
  const done = await exportFrom(bundle, endpoint(receiver));
  assert.equal(done.status, 0, done.output);
  // The first line has what the first run brought, the second what the second changed.
  const lines = readFileSync(otlp, 'utf8').trim().split('\n');
  const ofPlugin = new Map(
    lines.flatMap((line) =>
      JSON.parse(line).resourceMetrics[0].scopeMetrics[0].metrics.flatMap(pointsOf),
    ),
  );
  assert.ok(ofPlugin.size > 30);
  assert.deepEqual(
    new Map(receiver.items('metrics').flatMap(pointsOf).sort()),
    new Map([...ofPlugin].sort()),
  );
});

interface Metric {
  name: string;
  unit: string;
  description: string;
  sum?: { dataPoints: Counted[] };
  histogram?: { dataPoints: Counted[] };
}

interface Counted {
  attributes: { key: string; value: { stringValue: string } }[];
  asInt?: string | number;
  count?: string | number;
  explicitBounds?: number[];
}

/** What there is of a metric by name, unit and attributes: how many, and in which buckets. */
function pointsOf(metric: unknown): [string, unknown][] {
  const { name, unit, description, sum, histogram } = metric as Metric;
  return (sum ?? histogram)!.dataPoints.map(({ attributes, asInt, count, explicitBounds }) => {
    const own = attributes.map(({ key, value }) => `${key}=${value.stringValue}`);
    const key = [name, unit, description, ...own.sort()].join(' ');
    return [key, [Number(asInt ?? count), explicitBounds]];
  });
}

/** Every span that a backend got, in one request. */
function tracesOf({ received }: OtlpReceiver): never {
  const bodies = received
    .filter(({ signal }) => signal === 'traces')
    .flatMap(({ body }) => body.resourceSpans);
  return { resourceSpans: bodies } as never;
}

test(
  'the standard variables count: names, attributes, headers, compression',
  options,
  async (t) => {
    const { receiver, bundle } = await setUp(t);
    const done = await exportFrom(bundle, {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${receiver.port}/v1/traces`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SERVICE_NAME: 'harbour',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=no',
    });
    assert.equal(done.status, 0, done.output);
    const [request, ...others] = receiver.received;
    assert.deepEqual(others, [], 'no endpoint for metrics and logs');
    assert.equal(request!.headers['x-tenant'], 'blue');
    assert.equal(request!.headers['content-encoding'], 'gzip');
    const [{ resource }] = (tracesOf(receiver) as { resourceSpans: { resource: Resource }[] })
      .resourceSpans as [{ resource: Resource }];
    const attributes = new Map(
      resource.attributes.map(({ key, value }) => [key, value.stringValue]),
    );
    assert.equal(attributes.get('service.name'), 'harbour');
    assert.equal(attributes.get('deployment.environment.name'), 'test');
    assert.ok(attributes.get('service.version'));
    assert.ok(attributes.get('host.name'));
  },
);

interface Resource {
  attributes: { key: string; value: { stringValue: string } }[];
}

test('a command has its trace sent when it is over, and is not kept by it', options, async (t) => {
  const { receiver, bundle } = await setUp(t);
  receiver.answer = () => ({ silent: true });
  const env = { ...endpoint(receiver), OTEL_EXPORTER_OTLP_TIMEOUT: '3000' };
  const child = bundle.startRuntime({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  // `close` comes when nobody has its output any more.
  await once(child, 'close');
  // Another command leaves its own to the exporter there is.
  bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  await waitFor(() => receiver.received.length > 0);
  const [exporter, ...others] = exportersOf(bundle);
  assert.deepEqual(others, []);
  const pid = Number.parseInt(exporter!, 10);
  const [, , ppid, group, session] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/\(.*\)/, '')
    .split(/ +/);
  assert.deepEqual([group, session], [String(pid), String(pid)], `child of ${ppid}`);
  receiver.answer = () => ({});
  await exporterEnds(bundle);
  assert.deepEqual(missing(bundle, receiver), []);
});

/** Stored spans that the backend has not got. */
function missing(bundle: Bundle, receiver: OtlpReceiver): string[] {
  const ids = new Set(idsOf(receiver));
  return storedSpans(bundle)
    .filter(({ spanId }) => !ids.has(spanId))
    .map(({ name }) => name);
}

test(
  'commands without an endpoint, or with everything off, start no exporter',
  options,
  async (t) => {
    const { receiver, bundle } = await setUp(t);
    const off = {
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    };
    for (const env of [
      {},
      { ...endpoint(receiver), ...off },
      { ...endpoint(receiver), OTEL_SDK_DISABLED: 'true' },
    ]) {
      bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
      assert.deepEqual(exportersOf(bundle), []);
    }
    assert.deepEqual(receiver.received, []);
  },
);

test('a backend that is down gets all of it, once, when it is up', options, async (t) => {
  const { receiver, bundle } = await setUp(t);
  const { port } = receiver;
  await receiver[Symbol.asyncDispose]();
  const env = endpointAt(port);
  const hasty = { ...env, OTEL_EXPORTER_OTLP_TIMEOUT: '100' };
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
  test(`${what}: is sent again`, options, async (t) => {
    const { receiver, bundle } = await setUp(t);
    const asked = new Set<Signal>();
    receiver.answer = ({ signal }) => {
      if (asked.has(signal)) return {};
      asked.add(signal);
      return answer;
    };
    const env = { ...endpoint(receiver, protocol), OTEL_EXPORTER_OTLP_TIMEOUT: '300' };
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
  test(`${what}: is counted, said, and not sent again`, options, async (t) => {
    const { receiver, bundle } = await setUp(t);
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
  test(`${protocol}: what a partial success leaves out is counted`, options, async (t) => {
    const { receiver, bundle } = await setUp(t);
    receiver.answer = ({ signal }) =>
      signal === 'traces'
        ? { message: { partialSuccess: { rejectedSpans: '2', errorMessage: 'too old' } } }
        : {};
    const done = await exportFrom(bundle, endpoint(receiver, protocol));
    assert.equal(done.status, 1);
    const count = storedSpans(bundle).length;
    assert.match(done.output, new RegExp(`traces .* ${count - 2} sent, 2 refused: too old`));
  });
}

test('an exporter that is killed leaves all it had not sent to the next', options, async (t) => {
  const { receiver, bundle } = await setUp(t);
  receiver.answer = () => ({ silent: true });
  const child = bundle.startRuntime({ env: endpoint(receiver) }, 'export');
  await waitFor(() => receiver.received.some(({ signal }) => signal === 'traces'));
  child.kill('SIGKILL');
  await once(child, 'close');
  receiver.received.length = 0;
  receiver.answer = () => ({});
  const done = await exportFrom(bundle, endpoint(receiver));
  assert.equal(done.status, 0, done.output);
  assert.deepEqual(missing(bundle, receiver), []);
});

test('two exporters share no work: the second waits for the first', options, async (t) => {
  const { receiver, bundle } = await setUp(t);
  const both = [1, 2].map(() => exportFrom(bundle, endpoint(receiver)));
  for (const { status, output } of await Promise.all(both)) assert.equal(status, 0, output);
  assert.equal(new Set(idsOf(receiver)).size, idsOf(receiver).length);
  assert.deepEqual(missing(bundle, receiver), []);
});

test('davit export --follow sends what is stored while it runs', options, async (t) => {
  const { receiver, bundle } = await setUp(t);
  const child = bundle.startRuntime({ env: endpoint(receiver) }, 'export', '--follow');
  t.after(() => child.kill());
  await waitFor(() => idsOf(receiver).length > 0);
  // Has no endpoint, and so sends nothing itself.
  bundle.run();
  await waitFor(() => missing(bundle, receiver).length === 0);
  child.kill();
  await once(child, 'close');
});

test('durations and failures add up over exporters', options, async (t) => {
  const { receiver, bundle } = await setUp(t);
  await exportFrom(bundle, endpoint(receiver));
  bundle.configure((spec) => {
    spec.process.args = ['/absent'];
  });
  bundle.run();
  await exportFrom(bundle, endpoint(receiver));
  const mounts = points(receiver, 'davit.stage.duration').filter(has('davit.stage.name', 'mounts'));
  assert.deepEqual(
    mounts.map(({ count }) => Number(count)),
    [1, 2],
  );
  const [start] = new Set(mounts.map(({ startTimeUnixNano }) => startTimeUnixNano));
  assert.equal(mounts[1]!.startTimeUnixNano, start);
  const [failure] = points(receiver, 'davit.stage.failures');
  assert.ok(has('davit.stage.name', 'findProgram')(failure!));
  assert.equal(Number(failure!.asInt ?? failure!.asDouble), 1);
});

type Point = Record<string, unknown> & { attributes: { key: string; value: object }[] };

function points(receiver: OtlpReceiver, name: string): Point[] {
  const metrics = receiver.items('metrics') as Record<string, { dataPoints: Point[] }>[];
  return metrics
    .filter((metric) => (metric as { name: unknown }).name === name)
    .flatMap(({ histogram, sum }) => (histogram ?? sum)!.dataPoints);
}

const has =
  (key: string, stringValue: string) =>
  ({ attributes }: Point): boolean =>
    attributes.some((one) => one.key === key && JSON.stringify(one.value).includes(stringValue));

test(
  'what an unsampled caller has done is stored and counted, but no trace',
  options,
  async (t) => {
    const { receiver, bundle } = await setUp(t);
    const env = { TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' };
    bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
    const done = await exportFrom(bundle, endpoint(receiver));
    assert.equal(done.status, 0, done.output);
    const kept = storedSpans(bundle).filter(({ flags }) => flags === 0);
    assert.ok(kept.length > 30);
    assert.deepEqual(new Set(missing(bundle, receiver)), new Set(kept.map(({ name }) => name)));
    const [runs] = points(receiver, 'davit.command.duration').filter(has('davit.command', 'run'));
    assert.equal(Number(runs!.count), 2);
  },
);

test(
  'a backend behind TLS is trusted by OTEL_EXPORTER_OTLP_CERTIFICATE only',
  options,
  async (t) => {
    const { bundle } = await setUp(t);
    const [key, cert] = [`${bundle.dir}/key.pem`, `${bundle.dir}/cert.pem`];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1'],
      ...[...subject, '-keyout', key, '-out', cert],
    ]);
    if (made.error) return t.skip('no openssl');
    const paths: string[] = [];
    const server = createServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      (request, response) => {
        paths.push(request.url!);
        request.resume().on('end', () => response.end());
      },
    );
    t.after(() => server.close());
    await once(server.listen(0), 'listening');
    const { port } = server.address() as AddressInfo;
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
    };
    const distrusted = await exportFrom(bundle, env, '--timeout', '0s');
    assert.match(distrusted.output, /traces .* the rest waits: self-signed certificate/);
    assert.deepEqual(paths, []);
    const trusted = await exportFrom(bundle, { ...env, OTEL_EXPORTER_OTLP_CERTIFICATE: cert });
    assert.equal(trusted.status, 0, trusted.output);
    assert.deepEqual(paths.sort(), ['/v1/metrics', '/v1/traces']);
  },
);

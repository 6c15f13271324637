import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { fillDisk, smallDisk } from '../../support/host/small-disk.ts';
import { waitFor } from '../../support/wait-for.ts';
import { endpoint, exporterEnds, exportFrom, storedSpans, withBackend } from './exporting.ts';

const options = { skip: needsRoot };

test('the console exporter prints what waits; other exporters still get it', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const console = {
    OTEL_TRACES_EXPORTER: 'console',
    OTEL_METRICS_EXPORTER: 'console',
    OTEL_LOGS_EXPORTER: 'console',
  };
  bundle.configure((spec) => {
    spec.process.args = ['/absent'];
  });
  bundle.runtimeWith({ env: console }, 'run', '--bundle', bundle.dir, bundle.id);
  await exporterEnds(bundle);
  const shown = await exportFrom(bundle, console);
  assert.equal(shown.status, 0);
  for (const { spanId, name } of storedSpans(bundle)) {
    assert.ok(shown.output.includes(`id: '${spanId}'`), name);
  }
  assert.match(shown.output, /name: 'davit\.stage\.duration'/);
  assert.match(shown.output, /severityText: 'ERROR'/);
  assert.match(shown.output, /^traces +console +\d+ sent$/m);
  const sent = await exportFrom(bundle, endpoint(receiver));
  assert.match(sent.output, new RegExp(`traces .* ${storedSpans(bundle).length} sent\n`));
});

test('Zipkin gets the spans, also from the background exporter', options, async (t) => {
  const { bundle } = await withBackend(t);
  const spans: { id: string; traceId: string; localEndpoint: { serviceName: string } }[] = [];
  let status = 403;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (status === 202) spans.push(...JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(status, { location: '/login' }).end();
  });
  t.after(() => server.close());
  await once(server.listen(0), 'listening');
  const env = {
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: `localhost:${(server.address() as AddressInfo).port}/api/v2/spans`,
    OTEL_BSP_SCHEDULE_DELAY: '20',
  };
  for (const [refusal, reason] of [
    [403, 'HTTP 403 Forbidden'],
    [302, 'HTTP 302 Found to /login'],
  ] as const) {
    status = refusal;
    const away = await exportFrom(bundle, env);
    const place = 'http://localhost:\\d+/api/v2/spans';
    assert.match(
      away.output,
      new RegExp(`^traces +${place} +0 sent, the rest waits: ${reason}$`, 'm'),
    );
  }
  status = 202;
  const changed = { ...env, OTEL_SERVICE_NAME: 'harbour' };
  bundle.runtimeWith({ env: changed }, 'run', '--bundle', bundle.dir, bundle.id);
  await exporterEnds(bundle);
  assert.deepEqual(
    spans.map(({ traceId, id }) => `${traceId} ${id}`).sort(),
    storedSpans(bundle)
      .map(({ traceId, spanId }) => `${traceId} ${spanId}`)
      .sort(),
  );
  assert.deepEqual(
    new Set(spans.map((span) => span.localEndpoint.serviceName)),
    new Set(['harbour']),
  );
});

test('Prometheus needs davit export --follow, and is told so', options, async (t) => {
  const { bundle } = await withBackend(t);
  const port = await freePort();
  const env = {
    OTEL_METRICS_EXPORTER: 'prometheus',
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    OTEL_BSP_SCHEDULE_DELAY: '20',
  };
  const alone = await exportFrom(bundle, env);
  assert.match(alone.output, /^OTEL_METRICS_EXPORTER: prometheus .* davit export --follow/m);
  const child = bundle.startRuntime({ env }, 'export', '--follow');
  t.after(() => child.kill());
  const scrape = async () => {
    const answer = await fetch(`http://localhost:${port}/metrics`).catch(() => undefined);
    const text = (await answer?.text()) ?? '';
    return /davit_command_duration_count\{davit_command="run".*\} (\d+)/.exec(text)?.[1];
  };
  await waitFor(async () => (await scrape()) === '1');
  bundle.run();
  await waitFor(async () => (await scrape()) === '2');
  child.kill();
  await once(child, 'close');
});

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

test('a full disk is an error that names the file', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const small = `${bundle.dir}/small`;
  using _ = smallDisk(small);
  cpSync(bundle.traces, small, { recursive: true });
  mkdirSync(`${small}/.export`);
  fillDisk(`${small}/filler`);
  const full = { ...endpoint(receiver), DAVIT_TRACE_DIR: small };
  const { status, output } = await exportFrom(bundle, full);
  assert.equal(status, 1);
  assert.match(
    output,
    new RegExp(
      `^davit: export: write ${small}/.export/\\w+.json: ENOSPC: no space left on device$`,
      'm',
    ),
  );
  rmSync(`${small}/filler`);
  const room = await exportFrom(bundle, full);
  assert.equal(room.status, 0, room.output);
});

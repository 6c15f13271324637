import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeSpans } from '../../../src/trace/read/otlp-decode.ts';
import { nodeFlags } from '../../../tools/build/node-options.ts';
import { needsRoot } from '../../support/bundle.ts';
import { endpoint, exportFrom, idsOf, PROTOCOLS, storedSpans, withBackend } from './exporting.ts';
import type { OtlpReceiver } from './otlp-receiver.ts';

const options = { skip: needsRoot };

for (const protocol of PROTOCOLS) {
  test(
    `${protocol}: spans arrive as they were stored, with metrics and failures`,
    options,
    async (t) => {
      const { receiver, bundle } = await withBackend(t);
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

/** All spans that a backend got, as one request. */
function tracesOf({ received }: OtlpReceiver): never {
  const bodies = received
    .filter(({ signal }) => signal === 'traces')
    .flatMap(({ body }) => body.resourceSpans);
  return { resourceSpans: bodies } as never;
}

for (const own of [false, true]) {
  const what = own
    ? 'its own telemetry gets the traces, and nobody twice'
    : 'has its traces exported';
  test(`a program that embeds davit: ${what}`, options, async (t) => {
    const { receiver, bundle } = await withBackend(t);
    rmSync(bundle.traces, { recursive: true });
    const program = join(import.meta.dirname, 'embed-exporting.ts');
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
      // A later export of the store leaves these spans out, but sends the metrics.
      const done = await exportFrom(bundle, endpoint(receiver));
      assert.equal(done.status, 0, done.output);
      assert.deepEqual(idsOf(receiver), []);
      assert.ok(receiver.items('metrics').length > 0);
    } else {
      assert.deepEqual([spans, idsOf(receiver).length], [0, stored]);
    }
  });
}

test(
  'the standard OTEL_* variables apply: names, attributes, headers, compression',
  options,
  async (t) => {
    const { receiver, bundle } = await withBackend(t);
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

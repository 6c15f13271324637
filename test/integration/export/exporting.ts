import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { decodeSpans } from '../../../src/trace/read/otlp-decode.ts';
import { UNFINISHED } from '../../../src/trace/record/attributes.ts';
import type { Span } from '../../../src/trace/store/span.ts';
import { traceFile } from '../../../src/trace/store/store.ts';
import { type Bundle, makeBundle } from '../../support/bundle.ts';
import { processesOf } from '../../support/run/leftovers.ts';
import { waitFor } from '../../support/wait-for.ts';
import { OtlpReceiver, type Received } from './otlp-receiver.ts';

export const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;

/** A bundle whose container has run, and a backend. */
export async function withBackend(t: TestContext) {
  const receiver = await OtlpReceiver.listen();
  t.after(() => receiver[Symbol.asyncDispose]());
  const bundle = makeBundle(t);
  assert.equal(bundle.run().status, 0);
  return { receiver, bundle };
}

/** The variables that name the backend to davit. */
export function endpoint(receiver: OtlpReceiver, protocol: string = 'http/protobuf') {
  const port = protocol === 'grpc' ? receiver.grpcPort : receiver.port;
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    // A short delay, so that the background exporter ends while the test waits.
    OTEL_BSP_SCHEDULE_DELAY: '20',
  };
}

/** Runs `davit export` while this process serves as the backend. */
export async function exportFrom(bundle: Bundle, env: Record<string, string>, ...flags: string[]) {
  const child = bundle.startRuntime({ env }, 'export', ...flags);
  const out: Buffer[] = [];
  child.stdout!.on('data', (chunk) => out.push(chunk));
  child.stderr!.on('data', (chunk) => out.push(chunk));
  const [status] = await once(child, 'close');
  return { status, output: Buffer.concat(out).toString() };
}

/** All stored spans of the bundle, except those of commands that had not finished. */
export function storedSpans({ traces, id }: Bundle): Span[] {
  const lines = readFileSync(traceFile(traces, id), 'utf8').trim().split('\n');
  return lines
    .flatMap((line) => decodeSpans(JSON.parse(line)))
    .filter(({ attributes }) => attributes[UNFINISHED] !== true);
}

/** The background exporters, a line each: pid and command line. */
export const exportersOf = (bundle: Bundle): string[] =>
  processesOf(bundle.dir).filter((line) => line.includes(' export --background'));

export const exporterEnds = (bundle: Bundle) => waitFor(() => exportersOf(bundle).length === 0);

/** The ids of the spans that the backend has received. */
export const idsOf = (receiver: OtlpReceiver): string[] =>
  receiver.items('traces').map(({ spanId }) => spanId as string);

/** The ids of the spans in one request. */
export function idsIn({ body }: Received): string[] {
  const { resourceSpans = [] } = body as {
    resourceSpans?: { scopeSpans: { spans: { spanId: string }[] }[] }[];
  };
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => spanId)),
  );
}

/** The names of stored spans that the backend has not received. */
export function missing(bundle: Bundle, receiver: OtlpReceiver): string[] {
  const ids = new Set(idsOf(receiver));
  return storedSpans(bundle)
    .filter(({ spanId }) => !ids.has(spanId))
    .map(({ name }) => name);
}

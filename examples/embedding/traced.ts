import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import { Davit } from 'davit';
import { hostBundle } from './host-bundle.ts';

/*
 * A program with its own telemetry: its trace contains the life of the container that it starts.
 * After `npm run build`, as root:
 *
 *     dist/node --single-threaded --v8-pool-size=1 --disable-sigusr1 examples/embedding/traced.ts
 *
 * Without `spanProcessors`, NodeSDK reads the OTEL_* variables and sends to a backend.
 */

const spans: ReadableSpan[] = [];
const exporter: SpanExporter = {
  export(batch, done) {
    spans.push(...batch);
    done({ code: 0 });
  },
  shutdown: async () => {},
};
const sdk = new NodeSDK({
  serviceName: 'job-runner',
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
});
sdk.start();

const directory = mkdtempSync(join(tmpdir(), 'davit-traced-'));
try {
  const davit = new Davit();
  await trace.getTracer('example').startActiveSpan('job', async (job) => {
    const bundle = hostBundle(directory, ['/bin/true']);
    const container = await davit.create({ id: `traced-${process.pid}`, bundle });
    await container.start();
    await container.wait();
    await container.delete();
    job.end();
  });
} finally {
  await sdk.shutdown();
  rmSync(directory, { recursive: true, force: true });
}

/** Prints a span and its children, indented by two spaces a level. */
function print(span: ReadableSpan, depth = 0): void {
  const [seconds, nanos] = span.duration;
  const took = (seconds * 1e3 + nanos / 1e6).toFixed(2);
  writeSync(1, `${'  '.repeat(depth)}${span.name} ${took} ms\n`);
  for (const child of spans) {
    if (child.parentSpanContext?.spanId === span.spanContext().spanId) print(child, depth + 1);
  }
}
print(spans.find(({ name }) => name === 'job')!);

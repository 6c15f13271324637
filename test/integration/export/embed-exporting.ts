import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { Davit } from 'davit';

/*
 * A program that embeds davit and runs the bundle in argument 2 with the id in argument 3. With
 * `sdk` as argument 4 it has its own telemetry. Prints how many spans its telemetry got, and how
 * many child processes remained.
 */

const [root, bundle, id, own] = process.argv.slice(2) as [string, string, string, string?];
const exporter = new InMemorySpanExporter();
if (own) new NodeSDK({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).start();

const davit = new Davit({ root });
await davit.run({ id, bundle });
let children = -1;
for (let i = 0; i < 200 && children !== 0; i++) {
  await setTimeout(50);
  children = readFileSync('/proc/thread-self/children', 'utf8').split(' ').filter(Boolean).length;
}
process.stdout.write(JSON.stringify({ spans: exporter.getFinishedSpans().length, children }));

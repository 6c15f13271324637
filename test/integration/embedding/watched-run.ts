import { writeSync } from 'node:fs';
import { LifecycleBus } from '../../../src/bus/bus.ts';
import { beginForeground } from '../../../src/operations/launch/foreground.ts';
import { run } from '../../../src/operations/life/run.ts';

/*
 * A program that embeds davit, runs the bundle of argument 1 (a request as JSON) and prints every
 * event as a line of JSON. It also adds listeners that throw or hang.
 */

const request = { ...JSON.parse(process.argv[2]!), environment: process.env };
const bus = new LifecycleBus<string>();
const print = (event: string) => (payload: object) => {
  writeSync(1, `${JSON.stringify({ event, ...payload })}\n`);
};
for (const phase of ['before', 'after', 'error'] as const) {
  bus.on(`stage:${phase}`, () => {
    throw new Error('a listener that throws');
  });
  bus.on(`stage:${phase}`, () => new Promise(() => {}));
  bus.on(`stage:${phase}`, print(`stage:${phase}`));
}
for (const status of ['creating', 'created', 'running', 'stopped', 'deleted'] as const) {
  bus.on(`container:${status}`, print(`container:${status}`));
}
bus.on('pivotRoot:after', print('pivotRoot:after'));
try {
  const status = await run({
    ...request,
    detach: false,
    supervise: beginForeground,
    keep: false,
    noSubreaper: true,
    session: { bus },
  });
  writeSync(1, `${JSON.stringify({ event: 'end', status, failures: bus.failures.length })}\n`);
} catch (error) {
  writeSync(1, `${JSON.stringify({ event: 'end', error: (error as Error).message })}\n`);
}

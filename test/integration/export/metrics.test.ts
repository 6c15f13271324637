import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { endpoint, exportFrom, missing, storedSpans, withBackend } from './exporting.ts';
import type { OtlpReceiver } from './otlp-receiver.ts';

const options = { skip: needsRoot };

test('exported metrics equal those of the metrics plugin', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
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
  // The first line has the totals of the first run, the second line those that the second run
  // changed.
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

/** The data points of a metric, by name, unit and attributes: count and bucket boundaries. */
function pointsOf(metric: unknown): [string, unknown][] {
  const { name, unit, description, sum, histogram } = metric as Metric;
  return (sum ?? histogram)!.dataPoints.map(({ attributes, asInt, count, explicitBounds }) => {
    const own = attributes.map(({ key, value }) => `${key}=${value.stringValue}`);
    const key = [name, unit, description, ...own.sort()].join(' ');
    return [key, [Number(asInt ?? count), explicitBounds]];
  });
}

test('durations and failures are totals over several exports', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
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

test(
  'a command of an unsampled caller is stored and counted, but its trace is not exported',
  options,
  async (t) => {
    const { receiver, bundle } = await withBackend(t);
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

test('a program that cannot be executed is a failure, not a command', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  bundle.write('x', 'no program', 0o755);
  bundle.configure((spec) => {
    spec.process.args = ['/x'];
  });
  bundle.create();
  assert.equal(bundle.start().status, 0);
  await exportFrom(bundle, endpoint(receiver));
  assert.deepEqual(
    points(receiver, 'davit.command.duration').map((point) => attributeOf(point, 'davit.command')),
    ['run', 'create', 'start'],
  );
  const failures = points(receiver, 'davit.stage.failures');
  assert.deepEqual(
    failures.map((point) => [
      attributeOf(point, 'davit.stage.name'),
      attributeOf(point, 'error.type'),
    ]),
    [['execve', 'ENOEXEC']],
  );
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

const attributeOf = ({ attributes }: Point, key: string): string | undefined =>
  (attributes.find((one) => one.key === key)?.value as { stringValue?: string })?.stringValue;

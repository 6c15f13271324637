import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot } from '../../test/support/bundle.ts';

/** Debian's python3: another one earlier on PATH lacks the module. */
const PYTHON = '/usr/bin/python3';

/** Prometheus's own parser of its text format (Debian: python3-prometheus-client). */
const PARSER = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families as parse
json.dump([{'name': f.name, 'type': f.type, 'help': f.documentation,
  'samples': [{'name': s.name, 'labels': s.labels, 'value': s.value} for s in f.samples]}
  for f in parse(sys.stdin.read())], sys.stdout)`;

interface Family {
  name: string;
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

function parse(text: string): Family[] {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PARSER], {
    input: text,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const hasParser = spawnSync(PYTHON, ['-c', 'import prometheus_client']).status === 0;
const options = { skip: needsRoot || (!hasParser && 'no python3-prometheus-client') };

function measured(t: TestContext, args = ['true'], more: object = {}) {
  const bundle = makeBundle(t, { args });
  const path = join(bundle.dir, 'davit.prom');
  const config = join(bundle.dir, 'davit.json');
  const configure = (given: object) => {
    const plugins = [{ plugin: join(import.meta.dirname, 'index.ts'), options: given }];
    writeFileSync(config, JSON.stringify({ plugins }));
  };
  configure({ path, ...more });
  const env = { DAVIT_CONFIG: config };
  const command = (...line: string[]) => bundle.runtimeWith({ env }, ...line);
  return { bundle, path, env, configure, command, metrics: () => new Metrics(path) };
}

/** The metrics in the file when the object is made. */
class Metrics {
  readonly families: Family[];

  constructor(path: string) {
    this.families = parse(readFileSync(path, 'utf8'));
  }

  samples(name: string, wanted: Wanted) {
    return this.families
      .flatMap(({ samples }) => samples)
      .filter((sample) => sample.name === name && contains(sample.labels, wanted));
  }

  value(name: string, wanted: Wanted): number | undefined {
    return this.samples(name, wanted)[0]?.value;
  }
}

/** `undefined`: the sample must not have this label. */
type Wanted = Record<string, string | undefined>;

const contains = (labels: Record<string, string>, wanted: Wanted): boolean =>
  Object.entries(wanted).every(([name, text]) => labels[name] === text);

test('durations, commands and failures are counted across commands', options, (t) => {
  const { bundle, command, metrics, path } = measured(t, ['sh', '-c', 'exit 3'], {
    labels: { rack: 'a "b"\\' },
  });
  const run = () => command('run', '--bundle', bundle.dir, bundle.id);
  assert.deepEqual([run().status, run().stderr], [3, '']);
  bundle.configure((spec) => {
    spec.process.args = ['/absent'];
  });
  assert.equal(run().status, 1);
  const told = metrics();
  const types = told.families.map(({ name, type, help }) => [name, type, help.length > 0]);
  assert.deepEqual(types, [
    ['davit_stage_failures', 'counter', true],
    ['davit_stage_duration_seconds', 'histogram', true],
    ['davit_command_duration_seconds', 'histogram', true],
    ['davit_metrics_start_time_seconds', 'gauge', true],
  ]);
  const own = { davit_command: 'run', rack: 'a "b"\\' };
  const runs = 'davit_command_duration_seconds_count';
  assert.equal(told.value(runs, { ...own, error_type: undefined }), 2);
  assert.equal(told.value(runs, { ...own, error_type: 'ENOENT' }), 1);
  const failed = { davit_stage_name: 'findProgram', error_type: 'ENOENT' };
  assert.equal(told.value('davit_stage_failures_total', failed), 1);
  assert.equal(told.value('davit_stage_duration_seconds_count', failed), 1);
  const mounts = { davit_stage_name: 'mounts', davit_stage_side: 'container' };
  assert.equal(told.value('davit_stage_duration_seconds_count', mounts), 3);
  const buckets = told.samples('davit_stage_duration_seconds_bucket', mounts);
  assert.equal(buckets.at(-1)!.labels.le, '+Inf');
  const counts = buckets.map(({ value }) => value);
  assert.deepEqual([counts.at(-1), counts], [3, counts.toSorted((a, b) => a - b)]);
  const sum = told.value('davit_stage_duration_seconds_sum', mounts)!;
  assert.ok(sum > 0 && sum < 30);
  assert.equal(statSync(path).mode & 0o777, 0o644);
});

test('commands that end at the same time are all counted', options, async (t) => {
  const { bundle, env, command, metrics } = measured(t);
  const absent = Array.from({ length: 20 }, () => bundle.startRuntime({ env }, 'start', 'absent'));
  await Promise.all(absent.map((child) => once(child, 'exit')));
  const failed = { davit_command: 'start', error_type: 'RuntimeError' };
  // On a busy machine one may not get the lock in time: the next command adds its metrics.
  command('start', 'absent');
  assert.equal(metrics().value('davit_command_duration_seconds_count', failed), 21);
  const left = readdirSync(bundle.dir).filter((name) => name.startsWith('davit.prom'));
  assert.deepEqual(left.sort(), ['davit.prom', 'davit.prom.lock']);
});

test('metrics that a locked file could not take are added later', options, async (t) => {
  const { bundle, path, command, metrics } = measured(t);
  const failed = { davit_command: 'start', error_type: 'RuntimeError' };
  // flock's child holds the lock as well, so the whole process group is killed below.
  const script = 'echo held; exec sleep 60';
  const holder = spawn('flock', [`${path}.lock`, 'sh', '-c', script], { detached: true });
  await once(holder.stdout, 'data');
  for (let i = 0; i < 2; i++) command('start', bundle.id);
  const pending = () => readdirSync(bundle.dir).filter((name) => name.endsWith('.pending'));
  assert.deepEqual([pending().length, existsSync(path)], [2, false]);
  const [first] = pending();
  const text = readFileSync(join(bundle.dir, first!), 'utf8');
  process.kill(-holder.pid!);
  await once(holder.stdout, 'close');
  command('start', bundle.id);
  assert.deepEqual(
    [metrics().value('davit_command_duration_seconds_count', failed), pending()],
    [3, []],
  );
  // As after a crash that came after the metrics were added and before the pending file was
  // removed.
  writeFileSync(join(bundle.dir, first!), text);
  command('start', bundle.id);
  assert.deepEqual(
    [metrics().value('davit_command_duration_seconds_count', failed), pending()],
    [4, []],
  );
});

test('new buckets or labels start from zero; a file of others is left alone', options, (t) => {
  const { bundle, path, command, configure, metrics } = measured(t);
  const start = () => command('start', bundle.id).stderr;
  const failed = { davit_command: 'start', error_type: 'RuntimeError' };
  start();
  start();
  assert.equal(metrics().value('davit_command_duration_seconds_count', failed), 2);
  configure({ path, labels: { zone: 'z' } });
  start();
  assert.equal(
    metrics().value('davit_command_duration_seconds_count', { ...failed, zone: 'z' }),
    1,
  );
  configure({ path, buckets: [0.5, 2] });
  command('run', '--bundle', bundle.dir, bundle.id);
  const bounds = metrics().samples('davit_stage_duration_seconds_bucket', {
    davit_stage_name: 'mounts',
  });
  assert.deepEqual(
    bounds.map(({ labels }) => labels.le),
    ['0.5', '2', '+Inf'],
  );
  writeFileSync(path, 'foreign 1\n');
  assert.match(start(), /plugin metrics: command:error: .*davit\.prom: was not written by this/);
  assert.equal(readFileSync(path, 'utf8'), 'foreign 1\n');
});

test('OTLP: each command appends one line with the metrics that it changed', options, (t) => {
  const { bundle, path, configure, command, metrics } = measured(t);
  const otlp = join(bundle.dir, 'metrics.jsonl');
  configure({ path, otlp, labels: { zone: 'z' } });
  for (let i = 0; i < 2; i++) command('run', '--bundle', bundle.dir, bundle.id);
  command('start', bundle.id);
  const lines = readFileSync(otlp, 'utf8').trim().split('\n');
  const [, second, third] = lines.map((line) => JSON.parse(line).resourceMetrics[0]);
  assert.equal(lines.length, 3);
  assert.deepEqual(second.resource.attributes, [
    { key: 'service.name', value: { stringValue: 'davit' } },
    { key: 'zone', value: { stringValue: 'z' } },
  ]);
  const named = (resource: typeof second, name: string) =>
    resource.scopeMetrics[0].metrics.find((metric: { name: string }) => metric.name === name);
  const { unit, histogram } = named(second, 'davit.stage.duration');
  assert.deepEqual([unit, histogram.aggregationTemporality], ['s', 2]);
  const stage = (point: { attributes: object[] }) =>
    JSON.stringify(point.attributes).includes('"mounts"');
  const point = histogram.dataPoints.find(stage);
  assert.deepEqual(point.attributes, [
    { key: 'davit.stage.name', value: { stringValue: 'mounts' } },
    { key: 'davit.stage.side', value: { stringValue: 'container' } },
  ]);
  assert.equal(point.count, '2');
  assert.equal(point.bucketCounts.length, point.explicitBounds.length + 1);
  assert.equal(
    point.sum,
    metrics().value('davit_stage_duration_seconds_sum', { davit_stage_name: 'mounts' }),
  );
  assert.ok(BigInt(point.startTimeUnixNano) < BigInt(point.timeUnixNano));
  const names = third.scopeMetrics[0].metrics.map(({ name }: { name: string }) => name);
  // start found no container: its stage readState failed.
  assert.deepEqual(names, [
    'davit.stage.failures',
    'davit.stage.duration',
    'davit.command.duration',
  ]);
});

test('invalid options are refused', options, (t) => {
  const { configure, command } = measured(t);
  for (const [given, expected] of [
    [{}, 'path: expected an absolute path that ends in .prom'],
    [
      { path: '/x.prom', buckets: [1, 1] },
      'buckets: expected a list of ascending numbers of seconds above 0',
    ],
    [{ path: '/x.prom', labels: { error_type: 'x' } }, 'labels.error_type: expected none of '],
    [{ path: '/x.prom', labels: { 'a-b': 'x' } }, 'labels.a-b: expected a name'],
    [{ path: '/x.prom', bucket: [] }, 'bucket: expected one of path, otlp, buckets, labels'],
  ] as const) {
    configure(given);
    assert.ok(command('plugins').stderr.includes(`plugin metrics: options: ${expected}`), expected);
  }
});

const exporter = ['prometheus-node-exporter', 'node_exporter'].find(
  (program) => !spawnSync(program, ['--version']).error,
);
const needsExporter = { skip: needsRoot || (!exporter && 'no node_exporter') };

test('node_exporter reads the file without an error', needsExporter, async (t) => {
  const { bundle, command } = measured(t, ['true'], { labels: { rack: 'a "b"\\' } });
  assert.equal(command('run', '--bundle', bundle.dir, bundle.id).stderr, '');
  const text = await scrape(bundle.dir);
  assert.match(text, /^node_textfile_scrape_error 0$/m);
  const labels = String.raw`davit_command="run",rack="a \"b\"\\"`;
  assert.ok(text.includes(`\ndavit_command_duration_seconds_count{${labels}} 1\n`));
});

/** Returns what node_exporter's textfile collector exports for a directory. */
async function scrape(directory: string): Promise<string> {
  const child = spawn(
    exporter!,
    [
      ...['--collector.disable-defaults', '--collector.textfile'],
      ...[`--collector.textfile.directory=${directory}`, '--web.listen-address=127.0.0.1:0'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    const [response] = await once(
      get(`http://${await addressIn(child.stderr)}/metrics`),
      'response',
    );
    return (await response.toArray()).join('');
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

/** Keeps reading after the address is found: node_exporter would die of SIGPIPE. */
function addressIn(log: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    log.on('data', (chunk) => {
      text += chunk;
      const address = /"Listening on" address=(\S+)/.exec(text)?.[1];
      if (address) resolve(address);
    });
    log.on('end', () => reject(new Error(`node_exporter does not listen: ${text}`)));
  });
}

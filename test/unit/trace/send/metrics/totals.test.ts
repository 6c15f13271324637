import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommands } from '../../../../../src/trace/read/read-traces.ts';
import { CommandSpans } from '../../../../../src/trace/record/command-spans.ts';
import { BOUNDARIES, count, type Histogram } from '../../../../../src/trace/send/metrics/totals.ts';
import { encodeTrace } from '../../../../../src/trace/store/otlp-encode.ts';

const MILLI = 1_000_000n;

/** A command whose stage `mounts` took that many milliseconds. */
function command(milliseconds: bigint, error?: Error) {
  const start = process.hrtime.bigint();
  const spans = new CommandSpans({ command: 'create', id: 'web1', start });
  const end = start + milliseconds * MILLI;
  spans.record('mounts', { start, end, side: 'container', error });
  return parseCommands(JSON.stringify(encodeTrace(spans.finish({ error }, end))));
}

const nothing = { since: 0, series: [] };

test('durations of stages and commands are counted in buckets of seconds', () => {
  const once = count(nothing, command(4n));
  const { series } = count(once, command(40n));
  assert.deepEqual(
    series.map(({ instrument, attributes }) => [instrument, ...Object.values(attributes)]),
    [
      ['davit.command.duration', 'create'],
      ['davit.stage.duration', 'mounts', 'container'],
    ],
  );
  const { counts, min, max, ...rest } = series[1]!.value as Histogram;
  assert.deepEqual({ count: rest.count, min, max }, { count: 2, min: 0.004, max: 0.04 });
  assert.deepEqual(
    counts.flatMap((n, i) => (n > 0 ? [BOUNDARIES[i]] : [])),
    [0.01, 0.1],
  );
  assert.deepEqual((once.series[1]!.value as Histogram).count, 1, 'what was before is unchanged');
});

test('failures are counted by stage and error type', () => {
  const { series } = count(nothing, command(1n, new TypeError('no')));
  const failures = series.find(({ instrument }) => instrument === 'davit.stage.failures')!;
  assert.equal(failures.value, 1);
  assert.equal(failures.attributes['error.type'], 'TypeError');
});

test('a command that was stored in two parts counts once', () => {
  const start = process.hrtime.bigint();
  const spans = new CommandSpans({ command: 'run', id: 'web1', start });
  const stage = (name: string) =>
    spans.record(name, { start, end: start + MILLI, side: 'runtime' as const });
  stage('createState');
  const early = spans.soFar();
  stage('removeState');
  const lines = [early, spans.finish()].map((trace) => JSON.stringify(encodeTrace(trace)));
  const { series } = count(nothing, lines.flatMap(parseCommands));
  assert.deepEqual(
    series.map(({ instrument, attributes, value }) => [
      ...[instrument, Object.values(attributes)[0]],
      (value as Histogram).count,
    ]),
    [
      ['davit.stage.duration', 'createState', 1],
      ['davit.command.duration', 'run', 1],
      ['davit.stage.duration', 'removeState', 1],
    ],
  );
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { blame } from '../../../../../src/trace/read/analysis/blame.ts';
import { BETWEEN_STAGES } from '../../../../../src/trace/read/analysis/command-times.ts';
import { compare } from '../../../../../src/trace/read/analysis/compare.ts';
import { criticalChains } from '../../../../../src/trace/read/analysis/critical-chain.ts';
import { summarize } from '../../../../../src/trace/read/analysis/summary.ts';
import { readTraces, type StoredTrace } from '../../../../../src/trace/read/read-traces.ts';
import { appendTrace } from '../../../../../src/trace/store/store.ts';
import { recordLife, type SampleStage } from '../../sample-trace.ts';

/** Makes one life for each list of stages, as a `davit create` of 10 ms. */
function creates(t: TestContext, ...lists: SampleStage[][]): StoredTrace[] {
  const path = mkdtempSync(join(tmpdir(), 'davit-traces-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const stages of lists) {
    const [trace] = recordLife('web1', [{ command: 'create', from: 0, to: 10_000, stages }]);
    appendTrace(path, 'web1', trace!);
  }
  return readTraces(path, 'web1');
}

const stage = (name: string, from: number, to: number, inner: SampleStage[] = []): SampleStage => ({
  ...{ name, from, to, inner },
});

test('median and 95th percentile are interpolated', () => {
  const { runs, median, p95, max, total } = summarize([40, 10, 20, 30]);
  assert.deepEqual(
    { runs, median, p95, max, total },
    { runs: 4, median: 25, p95: 39, max: 40, total: 100 },
  );
  assert.deepEqual(summarize([]), { runs: 0, median: 0, p95: 0, max: 0, total: 0 });
});

test('blame: stages are sorted by total time; inner spans are named by their path', (t) => {
  const traces = creates(
    t,
    [stage('mounts', 0, 2_000, [stage('plugin x', 0, 500)]), stage('exec', 2_000, 9_000)],
    [stage('mounts', 0, 4_000), stage('exec', 4_000, 10_000)],
  );
  const { total, stages } = blame(traces);
  assert.equal(total, 20_000_000);
  assert.deepEqual(
    stages.map(({ stage, runs, median, share }) => [stage, runs, median, share]),
    [
      ['exec', 2, 6_500_000, 0.65],
      ['mounts', 2, 3_000_000, 0.3],
      [BETWEEN_STAGES, 2, 500_000, 0.05],
      ['mounts › plugin x', 1, 500_000, 0.025],
    ],
  );
});

test('blame: a stage that runs twice in a command counts as one run; waits do not count', (t) => {
  const traces = creates(t, [
    stage('hook', 0, 1_000),
    stage('hook', 1_000, 3_000),
    { name: 'program', from: 3_000, to: 10_000, wait: true },
  ]);
  const { total, stages } = blame(traces);
  assert.equal(total, 3_000_000);
  assert.deepEqual(
    stages.map(({ stage, runs, max }) => [stage, runs, max]),
    [
      ['hook', 1, 3_000_000],
      [BETWEEN_STAGES, 1, 0],
    ],
  );
});

test('the critical chain leaves out stages that a parallel one outlasted', (t) => {
  const [chain] = criticalChains(
    creates(t, [
      stage('first', 0, 3_000),
      stage('hidden', 3_500, 6_000),
      stage('long', 3_000, 8_000, [stage('hook a', 3_500, 5_000), stage('hook b', 4_000, 7_500)]),
      stage('last', 7_000, 10_000),
    ]),
  );
  assert.deepEqual(
    chain!.links.map(({ stage, depth, at, adds }) => [stage, depth, at / 1e3, adds / 1e3]),
    [
      ['first', 1, 0, 3_000],
      ['long', 1, 3_000, 4_000],
      ['hook a', 2, 3_500, 500],
      ['hook b', 2, 4_000, 3_000],
      ['last', 1, 7_000, 3_000],
    ],
  );
});

test('the chain of several runs has what is on it in at least half of them', (t) => {
  const [chain] = criticalChains(
    creates(
      t,
      [stage('a', 0, 4_000), stage('b', 4_000, 10_000)],
      [stage('a', 0, 6_000), stage('b', 6_000, 10_000)],
      [stage('a', 0, 5_000), stage('rare', 5_000, 6_000), stage('b', 6_000, 10_000)],
    ),
  );
  assert.deepEqual(
    chain!.links.map(({ stage, at, adds, runs }) => [stage, at / 1e3, adds / 1e3, runs]),
    [
      ['a', 0, 5_000, 3],
      ['b', 6_000, 4_000, 3],
    ],
  );
});

test('compare: the stage that grew most comes first, if it grew by more than chance', (t) => {
  const one = [stage('a', 0, 1_000), stage('b', 1_000, 2_000)];
  const other = [stage('a', 0, 1_000), stage('b', 1_000, 5_000), stage('new', 5_000, 6_000)];
  const [before, after] = [creates(t, one, one), creates(t, other, other)];
  const [create] = compare(before, after);
  assert.equal(create!.change, 0);
  assert.deepEqual(
    create!.stages.map(({ stage, change, grew, shrank }) => [stage, change / 1e3, grew, shrank]),
    [
      [BETWEEN_STAGES, -4_000, false, true],
      ['b', 3_000, true, false],
      ['new', 1_000, true, false],
      ['a', 0, false, false],
    ],
  );
  const noisy = creates(t, [stage('b', 0, 1_000)], [stage('b', 0, 9_000)]);
  const [same] = compare(noisy, after);
  assert.ok(same!.stages.some(({ stage, grew }) => stage === 'b' && !grew));
});

test('compare: with one run of a side, nothing has grown or shrunk', (t) => {
  const before = creates(t, [stage('a', 0, 9_000)]);
  const after = creates(t, [stage('a', 0, 1_000)], [stage('a', 0, 1_000)]);
  for (const { stages, ...create } of compare(before, after)) {
    for (const { grew, shrank } of [create, ...stages]) assert.ok(!grew && !shrank);
  }
});

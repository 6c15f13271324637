import { STAGE_SIDE } from '../../record/attributes.ts';
import { Axis, isWait } from '../axis.ts';
import type { StoredCommand, StoredTrace } from '../read-traces.ts';
import { labelOf, type SpanNode, spanTree } from '../span-tree.ts';

export type Side = 'runtime' | 'container';

/** Times of a stage, or of a span inside one, in each run of a command. */
export interface StageTimes {
  /** `mounts`, or `mounts › plugin greeter before`. */
  stage: string;
  side: Side;
  /** Nanoseconds, one entry for each run that had the stage. */
  times: number[];
  /** In how many runs it failed. */
  failed: number;
}

/** All runs of one command: `davit create`. Times are nanoseconds without waits. */
export interface CommandTimes {
  command: string;
  times: number[];
  stages: StageTimes[];
}

/** The row for time that no stage covers. */
export const BETWEEN_STAGES = 'between stages';
export const INSIDE = ' › ';

/** Times of the commands of `traces`, their stages in the order of first appearance. */
export function commandTimes(traces: readonly StoredTrace[]): CommandTimes[] {
  return [...runsByCommand(traces)].map(([command, runs]) => ({
    command,
    times: runs.map((run) => new Axis(run).total),
    stages: stageTimes(runs),
  }));
}

/** All runs of each command, by its name. */
export const runsByCommand = (traces: readonly StoredTrace[]): Map<string, StoredCommand[]> =>
  Map.groupBy(
    traces.flatMap(({ commands }) => commands),
    ({ root }) => root.name,
  );

function stageTimes(runs: readonly StoredCommand[]): StageTimes[] {
  const stages = new Map<string, StageTimes>();
  for (const run of runs) {
    for (const [stage, { side, time, failed }] of timesOf(run)) {
      const known = stages.get(stage) ?? { stage, side, times: [], failed: 0 };
      known.times.push(time);
      known.failed += Number(failed);
      stages.set(stage, known);
    }
  }
  return [...stages.values()];
}

type RunTimes = Map<string, { side: Side; time: number; failed: boolean }>;

/** A stage that a run has twice becomes one entry with the sum of both times. */
function timesOf(run: StoredCommand): RunTimes {
  const axis = new Axis(run);
  const times: RunTimes = new Map();
  const add = (path: string, { span, children }: SpanNode): void => {
    if (isWait(span)) return;
    const stage = path + labelOf(span);
    const known = times.get(stage);
    times.set(stage, {
      side: sideOf(span.attributes[STAGE_SIDE]),
      time: (known?.time ?? 0) + axis.length(span),
      failed: (known?.failed ?? false) || span.error !== undefined,
    });
    for (const child of children) add(`${stage}${INSIDE}`, child);
  };
  const tree = spanTree(run);
  for (const node of tree) add('', node);
  const covered = axis.coverage(
    tree.map(({ span }) => span),
    run.root,
  );
  const time = Math.round(axis.total * (1 - covered));
  times.set(BETWEEN_STAGES, { side: 'runtime', time, failed: false });
  return times;
}

export const sideOf = (attribute: unknown): Side =>
  attribute === 'container' ? 'container' : 'runtime';

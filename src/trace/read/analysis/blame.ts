import type { StoredTrace } from '../read-traces.ts';
import { commandTimes, type Side } from './command-times.ts';
import { type Summary, summarize } from './summary.ts';

/** What one stage took of all that the chosen commands took. */
export interface BlamedStage extends Summary {
  command: string;
  stage: string;
  side: Side;
  /** In how many runs it failed. */
  failed: number;
  /** Its part of the time of all commands, 0 to 1. */
  share: number;
}

export interface Blame {
  containers: number;
  lives: number;
  /** How many commands ran. */
  runs: number;
  /** What they took together, in nanoseconds. */
  total: number;
  /** The one that took most first. A span inside a stage is counted in the stage as well. */
  stages: BlamedStage[];
}

/** Which stages the time of `traces` went to, as `systemd-analyze blame` tells of units. */
export function blame(traces: readonly StoredTrace[]): Blame {
  const commands = commandTimes(traces);
  const { runs, total } = summarize(commands.flatMap(({ times }) => times));
  const stages = commands.flatMap(({ command, stages }) =>
    stages.map(({ stage, side, times, failed }) => {
      const summary = summarize(times);
      return { command, stage, side, ...summary, failed, share: summary.total / total };
    }),
  );
  return {
    containers: new Set(traces.map(({ containerId }) => containerId)).size,
    lives: traces.length,
    runs,
    total,
    stages: stages.sort((a, b) => b.total - a.total),
  };
}

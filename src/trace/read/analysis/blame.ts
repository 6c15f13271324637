import type { StoredTrace } from '../read-traces.ts';
import { commandTimes, type Side } from './command-times.ts';
import { type Summary, summarize } from './summary.ts';

/** The time of one stage in all runs of its command. */
interface BlamedStage extends Summary {
  command: string;
  stage: string;
  side: Side;
  /** In how many runs it failed. */
  failed: number;
  /** Its share of the time of all commands, 0 to 1. */
  share: number;
}

export interface Blame {
  containers: number;
  lives: number;
  /** How many commands ran. */
  runs: number;
  /** The time of all commands together, in nanoseconds. */
  total: number;
  /** Longest total first. The time of a span inside a stage is also part of the stage's time. */
  stages: BlamedStage[];
}

/** Finds the stages that took the time of `traces`, as `systemd-analyze blame` does for units. */
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

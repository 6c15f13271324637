import type { StoredTrace } from '../read-traces.ts';
import { type CommandTimes, commandTimes, type StageTimes } from './command-times.ts';
import { type Summary, summarize } from './summary.ts';

/** The same command or stage in two groups of runs, A and B. */
export interface Change {
  /** Undefined where a group has no run of it. */
  a: Summary | undefined;
  b: Summary | undefined;
  /** B's median minus A's, in nanoseconds. An absent group counts as 0. */
  change: number;
  /**
   * True when B's median is above A's 95th percentile, `shrank` when A's is above B's. False for
   * both where a group has fewer than two runs. A stage only in B counts as grown. A stage only in
   * A does not count as shrunk: a run that failed lacks its later stages.
   */
  grew: boolean;
  shrank: boolean;
}

export interface StageChange extends Change {
  stage: string;
}

export interface CommandChange extends Change {
  command: string;
  /** The largest change first. */
  stages: StageChange[];
}

/** Compares the times of `a` and `b`, command by command and stage by stage. */
export function compare(a: readonly StoredTrace[], b: readonly StoredTrace[]): CommandChange[] {
  const before = byName(commandTimes(a), ({ command }) => command);
  const after = byName(commandTimes(b), ({ command }) => command);
  return unite(before, after).map((command) => {
    const [one, other] = [before.get(command), after.get(command)];
    return { command, ...changeOf(one, other), stages: compareStages(one, other) };
  });
}

function compareStages(a: CommandTimes | undefined, b: CommandTimes | undefined): StageChange[] {
  // A command that only one group has cannot be compared.
  if (a === undefined || b === undefined) return [];
  const before = byName(a.stages, ({ stage }) => stage);
  const after = byName(b.stages, ({ stage }) => stage);
  return unite(before, after)
    .map((stage) => {
      const change = changeOf(before.get(stage), after.get(stage));
      const isNew = change.a === undefined && a.times.length > 1 && change.b!.runs > 1;
      return { stage, ...change, grew: change.grew || isNew };
    })
    .sort((x, y) => Math.abs(y.change) - Math.abs(x.change));
}

type Timed = Pick<StageTimes, 'times'>;

function changeOf(before: Timed | undefined, after: Timed | undefined): Change {
  const a = before && summarize(before.times);
  const b = after && summarize(after.times);
  const [from, to] = [a?.median ?? 0, b?.median ?? 0];
  const enough = a !== undefined && b !== undefined && a.runs > 1 && b.runs > 1;
  return {
    a,
    b,
    change: to - from,
    grew: enough && to > a.p95,
    shrank: enough && from > b.p95,
  };
}

const byName = <T>(list: readonly T[], name: (one: T) => string): Map<string, T> =>
  new Map(list.map((one) => [name(one), one]));

const unite = <T>(a: Map<string, T>, b: Map<string, T>): string[] => [
  ...new Set([...a.keys(), ...b.keys()]),
];

import { WAIT } from '../record/attributes.ts';
import type { Span } from '../store/span.ts';
import { type Interval, union } from './intervals.ts';
import type { StoredCommand, StoredTrace } from './read-traces.ts';

/**
 * The time of one command, in nanoseconds from its start, without the stretches in which it only
 * waited for the container's own process (spans with {@link WAIT}).
 */
export class Axis {
  /** The command's own time. */
  readonly total: number;
  readonly #start: bigint;
  readonly #waits: Interval<bigint>[];

  constructor({ root, spans }: StoredCommand) {
    this.#start = root.start;
    this.#waits = union(spans.filter(isWait).map((span) => clamp(span, root)));
    this.total = Math.max(this.at(root.end), 1);
  }

  /** Converts nanoseconds since the epoch to a place on this axis. */
  at(time: bigint): number {
    let elapsed = time - this.#start;
    for (const wait of this.#waits) {
      if (time > wait.start) elapsed -= (time < wait.end ? time : wait.end) - wait.start;
    }
    return Number(elapsed);
  }

  /** The length of `span` without waits, in nanoseconds. */
  length(span: Interval<bigint>): number {
    return this.at(span.end) - this.at(span.start);
  }

  /** The share of the command's time that one or more of `spans` cover. */
  coverage(spans: readonly Span[], root: Span): number {
    const covered = union(spans.map((span) => clamp(span, root)));
    return covered.reduce((sum, interval) => sum + this.length(interval), 0) / this.total;
  }
}

export function isWait(span: Span): boolean {
  return span.attributes[WAIT] === true;
}

function clamp({ start, end }: Interval<bigint>, within: Interval<bigint>): Interval<bigint> {
  return {
    start: start < within.start ? within.start : start,
    end: end > within.end ? within.end : end,
  };
}

/** The time of all commands of a container's life, without waits, in nanoseconds. */
export const ownTime = ({ commands }: StoredTrace): number =>
  commands.reduce((sum, command) => sum + new Axis(command).total, 0);

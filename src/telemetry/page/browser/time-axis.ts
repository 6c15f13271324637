import type { PageLife } from '../page-types.ts';

interface Interval {
  start: number;
  end: number;
}

/**
 * Where the moments of a life are, in nanoseconds from its begin: with all that passed, or without
 * the time in which no command did anything but wait.
 */
export class TimeAxis {
  readonly total: number;
  readonly #busy: Interval[];

  constructor({ commands }: PageLife, toScale: boolean) {
    const spans = commands.map(({ spans }) => spans);
    const all = spans.flatMap(([root]) => (root ? [root] : []));
    this.#busy = toScale
      ? [{ start: 0, end: Math.max(...all.map(({ end }) => end)) }]
      : union(
          spans.flatMap(([root, ...inner]) =>
            root ? without(root, union(inner.filter(({ wait }) => wait))) : [],
          ),
        );
    this.total = Math.max(this.at(Infinity), 1);
  }

  at(time: number): number {
    return this.#busy.reduce(
      (sum, { start, end }) => sum + Math.max(Math.min(time, end) - start, 0),
      0,
    );
  }
}

function union(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const { start, end } of intervals.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || start > last.end) merged.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return merged;
}

/** What of `whole` is in none of `holes`, which are apart and in order. */
function without(whole: Interval, holes: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let { start } = whole;
  for (const hole of holes) {
    if (hole.start > start) left.push({ start, end: Math.min(hole.start, whole.end) });
    start = Math.max(start, hole.end);
  }
  return start < whole.end ? [...left, { start, end: whole.end }] : left;
}

import { type Interval, union } from '../../intervals.ts';
import type { PageLife } from '../page-types.ts';

/**
 * Converts times of a life to places on the page's axis, in nanoseconds: to scale, or without the
 * time in which no command did any work.
 */
export class TimeAxis {
  readonly total: number;
  readonly #busy: Interval<number>[];

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

/** The parts of `whole` outside `holes`, which are disjoint and sorted. */
function without(whole: Interval<number>, holes: readonly Interval<number>[]): Interval<number>[] {
  const left: Interval<number>[] = [];
  let { start } = whole;
  for (const hole of holes) {
    if (hole.start > start) left.push({ start, end: Math.min(hole.start, whole.end) });
    start = Math.max(start, hole.end);
  }
  return start < whole.end ? [...left, { start, end: whole.end }] : left;
}

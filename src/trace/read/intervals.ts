/** From `start` to before `end`. */
export interface Interval<T extends number | bigint> {
  start: T;
  end: T;
}

/** Merges overlapping intervals: the result is disjoint and sorted. */
export function union<T extends number | bigint>(intervals: readonly Interval<T>[]): Interval<T>[] {
  const merged: Interval<T>[] = [];
  const ordered = intervals.filter(({ start, end }) => start < end);
  ordered.sort((a, b) => (a.start < b.start ? -1 : Number(a.start > b.start)));
  for (const { start, end } of ordered) {
    const last = merged.at(-1);
    if (last === undefined || start > last.end) merged.push({ start, end });
    else if (end > last.end) last.end = end;
  }
  return merged;
}

/** From `start` to before `end`. */
export interface Interval<T extends number | bigint> {
  start: T;
  end: T;
}

/** What one or more of `intervals` cover: apart, and in order. */
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

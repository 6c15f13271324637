/** Statistics of the times of several runs, in nanoseconds. */
export interface Summary {
  runs: number;
  median: number;
  /** 95th percentile. */
  p95: number;
  max: number;
  total: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    runs: sorted.length,
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    max: sorted.at(-1) ?? 0,
    total: sorted.reduce((sum, value) => sum + value, 0),
  };
}

/** Interpolates linearly between the two nearest ranks. */
function quantile(sorted: readonly number[], q: number): number {
  if (sorted.length === 0) return 0;
  const rank = (sorted.length - 1) * q;
  const below = sorted[Math.floor(rank)]!;
  const above = sorted[Math.ceil(rank)]!;
  return Math.round(below + (above - below) * (rank - Math.floor(rank)));
}

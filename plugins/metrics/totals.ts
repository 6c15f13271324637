import type { FamilyName } from './families.ts';

/** Counts by bucket, not cumulative. The last bucket has everything above the highest bound. */
export interface Histogram {
  counts: number[];
  sum: number;
}

/** By own labels, as Prometheus writes them: `davit_command="run"`. */
type Series<Value> = Record<string, Value>;

/** All counts. They are kept as JSON at the end of the file that Prometheus reads. */
export class Totals {
  readonly buckets: readonly number[];
  /** When counting began, in milliseconds since the epoch. */
  readonly since: number;
  readonly counters: Partial<Record<FamilyName, Series<number>>> = {};
  readonly histograms: Partial<Record<FamilyName, Series<Histogram>>> = {};
  /** Files with pending counts that are already included, and may still exist. */
  readonly merged: string[] = [];

  constructor(buckets: readonly number[], since: number) {
    this.buckets = buckets;
    this.since = since;
  }

  count(family: FamilyName, labels: string, by = 1): void {
    this.counters[family] ??= {};
    const series = this.counters[family];
    series[labels] = (series[labels] ?? 0) + by;
  }

  observe(family: FamilyName, labels: string, seconds: number): void {
    const { counts } = this.#add(family, labels, seconds);
    const bucket = this.buckets.findIndex((bound) => seconds <= bound);
    counts[bucket < 0 ? this.buckets.length : bucket]! += 1;
  }

  /** Adds counts with the same buckets. */
  merge({ counters, histograms }: Pick<Totals, 'counters' | 'histograms'>): void {
    for (const [family, series] of entries(counters)) {
      for (const [labels, count] of Object.entries(series)) this.count(family, labels, count);
    }
    for (const [family, series] of entries(histograms)) {
      for (const [labels, { counts, sum }] of Object.entries(series)) {
        const own = this.#add(family, labels, sum).counts;
        for (const [i, count] of counts.entries()) own[i]! += count;
      }
    }
  }

  #add(family: FamilyName, labels: string, seconds: number): Histogram {
    this.histograms[family] ??= {};
    const series = this.histograms[family];
    series[labels] ??= { counts: new Array(this.buckets.length + 1).fill(0), sum: 0 };
    series[labels].sum += seconds;
    return series[labels];
  }
}

/** The families that have series. */
export const entries = <Value>(families: Partial<Record<FamilyName, Value>>) =>
  Object.entries(families) as [FamilyName, Value][];

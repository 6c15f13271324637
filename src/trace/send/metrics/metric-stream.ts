import {
  AggregationTemporality,
  InstrumentType,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { StoredCommand } from '../../read/read-traces.ts';
import { millisecondsOf } from '../../record/clock.ts';
import { davitResource } from '../../record/command-attributes.ts';
import { resourceOf } from '../resources.ts';
import { addProducer, startSdk } from '../sdk.ts';
import type { Stream, StreamOptions } from '../stream.ts';
import { type Counted, TotalsProducer } from './metric-producer.ts';
import { count, keyOf, type Series, type Totals } from './totals.ts';

/** Adds commands to the stored totals, and has the SDK's readers send them. */
export function metricStream({ directory, totals: counted }: StreamOptions): Stream {
  const { readers } = startSdk('metrics', resourceOf(davitResource, directory));
  let sending: Counted | undefined;
  for (const reader of readers) {
    // A periodic reader sends only when it is flushed. Other readers (Prometheus) ask at any time.
    const isPush = reader instanceof PeriodicExportingMetricReader;
    const get = () => sending ?? (isPush ? undefined : allOf(counted()));
    addProducer(reader, new TotalsProducer(reader, get));
  }
  const sendsDeltas = readers.every(
    (reader) =>
      reader.selectAggregationTemporality(InstrumentType.HISTOGRAM) ===
      AggregationTemporality.DELTA,
  );
  return (commands) => {
    const now = Date.now();
    const before = counted() ?? { since: earliest(commands), series: [] };
    const totals = { ...count(before, commands), until: now };
    const latest = count({ since: before.until ?? before.since, series: [] }, commands);
    const { series } = sendsDeltas ? latest : totals;
    return {
      length: series.length,
      totals,
      async send(start, end) {
        const keys = new Set(series.slice(start, end).map(keyOf));
        sending = { totals: only(totals, keys), latest: only(latest, keys), now };
        try {
          await Promise.all(readers.map((reader) => reader.forceFlush()));
        } finally {
          sending = undefined;
        }
      },
    };
  };
}

const allOf = (totals: Totals | undefined): Counted | undefined =>
  totals && { totals, latest: totals, now: Date.now() };

const only = (totals: Totals, keys: Set<string>): Totals => ({
  ...totals,
  series: totals.series.filter((one: Series) => keys.has(keyOf(one))),
});

/** When the first of the commands began, in milliseconds since the epoch. */
const earliest = (commands: readonly StoredCommand[]): number =>
  Math.min(...commands.map(({ root }) => millisecondsOf(root.start)));

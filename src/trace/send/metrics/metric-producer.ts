import { ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  InstrumentType,
  type MetricData,
  type MetricProducer,
  type MetricReader,
} from '@opentelemetry/sdk-metrics';
import { version } from '../../../version.ts';
import { hrTime, nanosecondsOf } from '../../record/clock.ts';
import {
  BOUNDARIES,
  type Histogram,
  INSTRUMENTS,
  type InstrumentName,
  type Series,
  type Totals,
} from './totals.ts';

/** The metrics for readers. */
export interface Counted {
  /** Totals since counting began. */
  totals: Totals;
  /** What was counted since the last export, for readers that want deltas. */
  latest: Totals;
  /** In milliseconds since the epoch. */
  now: number;
}

/** Gives an SDK reader the metrics that many processes have counted. */
export class TotalsProducer implements MetricProducer {
  readonly #reader: MetricReader;
  readonly #counted: () => Counted | undefined;

  constructor(reader: MetricReader, counted: () => Counted | undefined) {
    this.#reader = reader;
    this.#counted = counted;
  }

  /** The reader takes only the metrics. The resource comes from the reader's own provider. */
  async collect(): Promise<CollectionResult> {
    const counted = this.#counted();
    const names = Object.keys(INSTRUMENTS) as InstrumentName[];
    const metrics = counted ? names.flatMap((name) => this.#metric(name, counted)) : [];
    const scopeMetrics = metrics.length > 0 ? [{ scope: { name: 'davit', version }, metrics }] : [];
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }

  #metric(name: InstrumentName, { totals, latest, now }: Counted): MetricData[] {
    const isCounter = name === 'davit.stage.failures';
    const aggregationTemporality = this.#reader.selectAggregationTemporality(
      isCounter ? InstrumentType.COUNTER : InstrumentType.HISTOGRAM,
    );
    const isDelta = aggregationTemporality === AggregationTemporality.DELTA;
    const { since, series } = isDelta ? latest : totals;
    const times = { startTime: hrTime(nanosecondsOf(since)), endTime: hrTime(nanosecondsOf(now)) };
    const own = series.filter(({ instrument }) => instrument === name);
    if (own.length === 0) return [];
    const descriptor = {
      name,
      ...INSTRUMENTS[name],
      valueType: isCounter ? ValueType.INT : ValueType.DOUBLE,
    };
    const common = { descriptor, aggregationTemporality };
    return isCounter
      ? [{ ...common, ...SUM, dataPoints: points(own, times, (value) => value as number) }]
      : [{ ...common, ...HISTOGRAM, dataPoints: points(own, times, histogram) }];
  }
}

const SUM = { dataPointType: DataPointType.SUM, isMonotonic: true } as const;
const HISTOGRAM = { dataPointType: DataPointType.HISTOGRAM } as const;

const points = <T>(series: Series[], times: Times, convert: (value: Series['value']) => T) =>
  series.map(({ attributes, value }) => ({
    ...times,
    attributes,
    value: convert(value),
  }));

interface Times {
  startTime: ReturnType<typeof hrTime>;
  endTime: ReturnType<typeof hrTime>;
}

function histogram(value: Series['value']) {
  const { counts, ...rest } = value as Histogram;
  return { ...rest, buckets: { boundaries: BOUNDARIES, counts } };
}

import { ValueType } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  InstrumentType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { version } from '../../version.ts';
import { apiAttributes, hrTime } from '../api-values.ts';
import {
  BOUNDARIES,
  type Histogram,
  INSTRUMENTS,
  type InstrumentName,
  type Totals,
} from './totals.ts';

export interface MetricOptions {
  resource: Resource;
  /** The exporter's choice: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE. */
  temporality: (instrument: InstrumentType) => AggregationTemporality;
  /** In milliseconds since the epoch. */
  now: number;
  /** What was counted since the last export, for `delta`. */
  latest: Totals;
}

/** What was counted, as the SDK's exporters take it. */
export function metricData(totals: Totals, options: MetricOptions): ResourceMetrics {
  const names = Object.keys(INSTRUMENTS) as InstrumentName[];
  const metrics = names
    .map((name) => metric(name, totals, options))
    .filter(({ dataPoints }) => dataPoints.length > 0);
  const scope = { name: 'davit', version };
  return { resource: options.resource, scopeMetrics: [{ scope, metrics }] };
}

function metric(name: InstrumentName, totals: Totals, options: MetricOptions): MetricData {
  const isCounter = name === 'davit.stage.failures';
  const type = isCounter ? InstrumentType.COUNTER : InstrumentType.HISTOGRAM;
  const aggregationTemporality = options.temporality(type);
  const isDelta = aggregationTemporality === AggregationTemporality.DELTA;
  const { since, series } = isDelta ? options.latest : totals;
  const times = { startTime: moment(since), endTime: moment(options.now) };
  const points = series
    .filter(({ instrument }) => instrument === name)
    .map(({ attributes, value }) => ({ ...times, attributes: apiAttributes(attributes), value }));
  const descriptor = {
    ...{ name, ...INSTRUMENTS[name] },
    valueType: isCounter ? ValueType.INT : ValueType.DOUBLE,
  };
  if (isCounter) {
    const dataPoints = points.map(({ value, ...point }) => ({ ...point, value: value as number }));
    const dataPointType = DataPointType.SUM;
    return { descriptor, aggregationTemporality, dataPointType, isMonotonic: true, dataPoints };
  }
  const dataPoints = points.map(({ value, ...point }) => ({
    ...point,
    value: histogram(value as Histogram),
  }));
  return { descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM, dataPoints };
}

const histogram = ({ counts, ...rest }: Histogram) => ({
  ...rest,
  buckets: { boundaries: BOUNDARIES, counts },
});

const moment = (milliseconds: number) => hrTime(BigInt(Math.floor(milliseconds)) * 1_000_000n);

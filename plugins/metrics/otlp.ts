import { total } from './exposition.ts';
import { ATTRIBUTES, FAMILIES, type FamilyName, type LabelName } from './families.ts';
import { entries, type Totals } from './totals.ts';

const CUMULATIVE = 2;

/**
 * The series of `totals` that are in `touched`, as one request in the OTLP file format:
 * opentelemetry-proto's metrics.proto in protobuf's JSON mapping. Times are in milliseconds since
 * the epoch.
 */
export function encodeMetrics(
  totals: Totals,
  touched: Totals,
  { labels, time }: { labels: Readonly<Record<string, string>>; time: number },
) {
  const point = (own: string) => ({
    attributes: attributesOf(own),
    startTimeUnixNano: nanoseconds(totals.since),
    timeUnixNano: nanoseconds(time),
  });
  const sums = entries(touched.counters).map(([family, series]) => ({
    ...describe(family),
    sum: {
      aggregationTemporality: CUMULATIVE,
      isMonotonic: true,
      dataPoints: Object.keys(series).map((own) => ({
        ...point(own),
        asInt: String(totals.counters[family]![own]),
      })),
    },
  }));
  const histograms = entries(touched.histograms).map(([family, series]) => ({
    ...describe(family),
    histogram: {
      aggregationTemporality: CUMULATIVE,
      dataPoints: Object.keys(series).map((own) => {
        const histogram = totals.histograms[family]![own]!;
        return {
          ...point(own),
          count: String(total(histogram)),
          sum: histogram.sum,
          bucketCounts: histogram.counts.map(String),
          explicitBounds: totals.buckets,
        };
      }),
    },
  }));
  const resource = { attributes: keyValues({ 'service.name': 'davit', ...labels }) };
  const scopeMetrics = [{ scope: { name: 'davit' }, metrics: [...sums, ...histograms] }];
  return { resourceMetrics: [{ resource, scopeMetrics }] };
}

function describe(family: FamilyName) {
  const { help, otlp } = FAMILIES[family];
  return { ...otlp, description: help };
}

function attributesOf(own: string) {
  const named = [...own.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [
    ATTRIBUTES[name as LabelName],
    value,
  ]);
  return keyValues(Object.fromEntries(named));
}

const keyValues = (values: Record<string, string>) =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));

const nanoseconds = (milliseconds: number): string =>
  String(BigInt(Math.round(milliseconds)) * 1_000_000n);

import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type {
  AggregationTemporality,
  InstrumentType,
  ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { version } from '../../version.ts';
import type { Exporter } from './deliver.ts';
import type { Protocol } from './destination.ts';

export interface MetricExporter extends Exporter<ResourceMetrics> {
  selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality;
}

const config = { userAgent: `davit/${version}` };

type ByProtocol<E> = Record<Protocol, () => Promise<E>>;

/** The SDK's exporters: only the one in use is loaded. It reads OTEL_EXPORTER_OTLP_* itself. */
export const traceExporters: ByProtocol<Exporter<ReadableSpan[]>> = {
  grpc: async () =>
    new (await import('@opentelemetry/exporter-trace-otlp-grpc')).OTLPTraceExporter(config),
  'http/protobuf': async () =>
    new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter(config),
  'http/json': async () =>
    new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter(config),
};

export const metricExporters: ByProtocol<MetricExporter> = {
  grpc: async () =>
    new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter(config),
  'http/protobuf': async () =>
    new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter(config),
  'http/json': async () =>
    new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter(config),
};

export const logExporters: ByProtocol<Exporter<ReadableLogRecord[]>> = {
  grpc: async () =>
    new (await import('@opentelemetry/exporter-logs-otlp-grpc')).OTLPLogExporter(config),
  'http/protobuf': async () =>
    new (await import('@opentelemetry/exporter-logs-otlp-proto')).OTLPLogExporter(config),
  'http/json': async () =>
    new (await import('@opentelemetry/exporter-logs-otlp-http')).OTLPLogExporter(config),
};

import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type {
  AggregationTemporality,
  InstrumentType,
  ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { version } from '../../version.ts';
import type { AgentFactory } from './connections.ts';
import type { Exporter } from './deliver.ts';
import type { Protocol } from './destination.ts';

export interface MetricExporter extends Exporter<ResourceMetrics> {
  selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality;
}

const userAgent = `davit/${version}`;

/** Makes one that connects through `httpAgentOptions`; gRPC connects by itself. */
type ByProtocol<E> = Record<Protocol, (httpAgentOptions: AgentFactory) => Promise<E>>;

/** The SDK's exporters: only the one in use is loaded. It reads OTEL_EXPORTER_OTLP_* itself. */
export const traceExporters: ByProtocol<Exporter<ReadableSpan[]>> = {
  grpc: async () =>
    new (await import('@opentelemetry/exporter-trace-otlp-grpc')).OTLPTraceExporter({ userAgent }),
  'http/protobuf': async (httpAgentOptions) =>
    new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter({
      userAgent,
      httpAgentOptions,
    }),
  'http/json': async (httpAgentOptions) =>
    new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter({
      userAgent,
      httpAgentOptions,
    }),
};

export const metricExporters: ByProtocol<MetricExporter> = {
  grpc: async () =>
    new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter({
      userAgent,
    }),
  'http/protobuf': async (httpAgentOptions) =>
    new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter({
      userAgent,
      httpAgentOptions,
    }),
  'http/json': async (httpAgentOptions) =>
    new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter({
      userAgent,
      httpAgentOptions,
    }),
};

export const logExporters: ByProtocol<Exporter<ReadableLogRecord[]>> = {
  grpc: async () =>
    new (await import('@opentelemetry/exporter-logs-otlp-grpc')).OTLPLogExporter({ userAgent }),
  'http/protobuf': async (httpAgentOptions) =>
    new (await import('@opentelemetry/exporter-logs-otlp-proto')).OTLPLogExporter({
      userAgent,
      httpAgentOptions,
    }),
  'http/json': async (httpAgentOptions) =>
    new (await import('@opentelemetry/exporter-logs-otlp-http')).OTLPLogExporter({
      userAgent,
      httpAgentOptions,
    }),
};

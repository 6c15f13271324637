import { context, logs, metrics, propagation, trace } from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/sdk-logs';
import type { MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { IdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SdkResource } from './resources.ts';
import type { Signal } from './signals.ts';

/** What a NodeSDK has made from the variables of one signal. */
interface SdkParts {
  tracerProvider: TracerProvider;
  loggerProvider: LoggerProvider;
  readers: MetricReader[];
}

/**
 * Starts an SDK for one signal of one resource. Throws where the variables name no exporter that
 * the SDK has.
 */
export function startSdk(
  signal: Signal,
  resource: SdkResource,
  idGenerator?: IdGenerator,
): SdkParts {
  const sdk = new NodeSDK({
    ...resource,
    ...(signal !== 'traces' && { spanProcessors: [] }),
    ...(signal !== 'metrics' && { metricReaders: [] }),
    ...(signal !== 'logs' && { logRecordProcessors: [] }),
    ...(idGenerator && { idGenerator }),
  });
  // Each NodeSDK registers its providers for the whole process, which has room for one of each.
  for (const api of [trace, metrics, logs, propagation, context]) api.disable();
  sdk.start();
  const parts = partsOf(sdk);
  const made = {
    traces: parts.tracerProvider,
    metrics: parts.readers[0],
    logs: parts.loggerProvider,
  };
  if (made[signal]) return parts;
  const name = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  throw new TypeError(`${name}: the SDK has no such exporter: ${process.env[name]}`);
}

/** NodeSDK has no public access to these. The names are those of the version in package.json. */
function partsOf(sdk: NodeSDK): SdkParts {
  const made = sdk as unknown as {
    _tracerProvider: TracerProvider;
    _loggerProvider: LoggerProvider;
    _meterProviderConfig: { readers: MetricReader[] };
  };
  return {
    tracerProvider: made._tracerProvider,
    loggerProvider: made._loggerProvider,
    readers: made._meterProviderConfig.readers,
  };
}

/** A reader takes producers only in its constructor, which NodeSDK calls. */
export function addProducer(reader: MetricReader, producer: MetricProducer): void {
  const { _metricProducers } = reader as unknown as { _metricProducers: MetricProducer[] };
  _metricProducers.push(producer);
}

/** For forceFlush: the processors' own timeouts limit an export. */
export const NO_TIMEOUT = { timeoutMillis: 2 ** 31 - 1 };

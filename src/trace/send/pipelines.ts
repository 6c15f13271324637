import type { Environment } from '../../config/environment.ts';
import { connectByVariables, prepareConnection } from './connection/connections.ts';
import { endpointsOf } from './connection/destination.ts';
import { Pipeline } from './pipeline.ts';
import { prepareEnvironment, prepareSignal } from './sdk-environment.ts';
import { listenToSdk } from './sdk-report.ts';
import { exportersOf, type Signal } from './signals.ts';

interface ExporterOptions {
  /** The store. */
  directory: string;
  /** How long one request is tried, in milliseconds. */
  timeout: number;
  environment: Environment;
  /** Hash of the settings in `environment`. */
  settings: string;
  /** See `PipelineOptions`. */
  since?: number | undefined;
  /** Whether this process keeps running, so that Prometheus can ask it. */
  isService: boolean;
  /** Where the SDK's warnings go. */
  tell: (text: string) => void;
}

/** Most warnings that are shown and stored. */
const MOST_WARNINGS = 20;

/**
 * Prepares this process for the SDK, once. The function that it returns makes the pipeline of a
 * signal, or none when the signal has no exporter. This module and the SDK are a bundle of their
 * own, export.cjs, which no other command loads.
 */
export function preparePipelines(options: ExporterOptions): (signal: Signal) => Pipeline[] {
  const { environment, isService, tell } = options;
  const warnings: string[] = [];
  const warn = (text: string) => {
    if (warnings.includes(text) || warnings.length === MOST_WARNINGS) return;
    warnings.push(text);
    tell(text);
  };
  listenToSdk(warn, tell);
  prepareEnvironment(process.env, warn);
  connectByVariables();
  return (signal) => {
    const named = exportersOf(environment, signal);
    const exporters = named.filter((name) => isService || name !== 'prometheus');
    if (exporters.length < named.length) {
      warn(
        'OTEL_METRICS_EXPORTER: prometheus needs davit export --follow, which answers its requests',
      );
    }
    if (exporters.length === 0) return [];
    for (const url of endpointsOf(environment, signal, exporters)) {
      prepareConnection(url, environment, signal);
    }
    const batch = prepareSignal(process.env, signal, exporters, warn);
    // Output on the console alone does not count as sent.
    const isKept = exporters.some((name) => name !== 'console');
    return [new Pipeline(signal, { ...options, batch, isKept, warnings })];
  };
}

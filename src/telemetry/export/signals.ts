import { tracingDisabled } from '../trace-directory.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];

/**
 * What OpenTelemetry's variables ask to send: signals with an endpoint, or whose exporter is `otlp` by
 * name. Without either nothing leaves the machine; `OTEL_SDK_DISABLED` and `OTEL_*_EXPORTER=none` win.
 */
export function exportedSignals(environment: Environment): Signal[] {
  if (tracingDisabled(environment)) return [];
  return SIGNALS.filter((signal) => {
    const exporters = environment[`OTEL_${signal.toUpperCase()}_EXPORTER`];
    if (exporters) return exporters.split(',').some((name) => name.trim() === 'otlp');
    return Boolean(otlpVariable(environment, signal, 'ENDPOINT'));
  });
}

/** `OTEL_EXPORTER_OTLP_TRACES_NAME`, else `OTEL_EXPORTER_OTLP_NAME`; an empty one is none. */
export function otlpVariable(
  environment: Environment,
  signal: Signal,
  name: 'ENDPOINT' | 'PROTOCOL' | 'CERTIFICATE' | 'CLIENT_KEY' | 'CLIENT_CERTIFICATE',
): string | undefined {
  return (
    environment[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`]?.trim() ||
    environment[`OTEL_EXPORTER_OTLP_${name}`]?.trim() ||
    undefined
  );
}

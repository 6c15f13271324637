import type { Environment } from '../../config/environment.ts';
import { tracingDisabled } from '../store/trace-directory.ts';

export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];

/**
 * The exporters that OpenTelemetry's variables name for a signal, or `otlp` where there is an
 * endpoint. Without either nothing leaves the machine; `OTEL_SDK_DISABLED` and `none` win.
 */
export function exportersOf(environment: Environment, signal: Signal): string[] {
  if (tracingDisabled(environment)) return [];
  const given = environment[`OTEL_${signal.toUpperCase()}_EXPORTER`] ?? '';
  const names = given.split(',').flatMap((name) => name.trim() || []);
  if (names.includes('none')) return [];
  if (names.length > 0) return [...new Set(names)];
  return otlpVariable(environment, signal, 'ENDPOINT') ? ['otlp'] : [];
}

/** Exporters that make sense only in the foreground: console output, and an endpoint to ask. */
const ATTENDED = ['console', 'prometheus'];

/** The signals that a process in the background can send. */
export const signalsInBackground = (environment: Environment): Signal[] =>
  SIGNALS.filter((signal) =>
    exportersOf(environment, signal).some((name) => !ATTENDED.includes(name)),
  );

/** `OTEL_EXPORTER_OTLP_TRACES_NAME`, else `OTEL_EXPORTER_OTLP_NAME`. Empty means unset. */
export function otlpVariable(
  environment: Environment,
  signal: Signal,
  name: string,
): { variable: string; value: string } | undefined {
  for (const scope of [`${signal.toUpperCase()}_`, '']) {
    const variable = `OTEL_EXPORTER_OTLP_${scope}${name}`;
    const value = environment[variable]?.trim();
    if (value) return { variable, value };
  }
  return undefined;
}

import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import type { Signal } from './signals.ts';

/** Items of an accepted request that the backend did not take. */
export interface Rejection {
  count: number;
  reason: string;
}

const FIELDS = {
  rejectedSpans: 'traces',
  rejectedDataPoints: 'metrics',
  rejectedLogRecords: 'logs',
} as const satisfies Record<string, Signal>;

const rejections = new Map<Signal, Rejection>();

/**
 * Passes on what the SDK warns of (all that OTEL_LOG_LEVEL asks for), and keeps the partial successes,
 * of which its exporters tell nobody else.
 */
export function listenToDiagnostics(level: string | undefined, tell: (text: string) => void): void {
  const forward = (message: string, ...args: unknown[]) => {
    if (!keepRejection(message, args)) tell([message, ...args].map(String).join(' '));
  };
  const logger = { error: forward, warn: forward, info: forward, debug: forward };
  const logLevel =
    DiagLogLevel[(level ?? 'WARN').toUpperCase() as keyof typeof DiagLogLevel] ?? DiagLogLevel.WARN;
  const options = { logLevel, suppressOverrideMessage: true };
  diag.setLogger({ ...logger, verbose: forward } satisfies DiagLogger, options);
}

/** What was rejected of the request that was delivered last. */
export function takeRejection(signal: Signal): Rejection | undefined {
  const rejection = rejections.get(signal);
  rejections.delete(signal);
  return rejection;
}

function keepRejection(message: string, [json]: unknown[]): boolean {
  if (!message.startsWith('Received Partial Success') || typeof json !== 'string') return false;
  const { errorMessage, ...counts } = JSON.parse(json) as Record<string, unknown>;
  for (const [field, signal] of Object.entries(FIELDS)) {
    const count = Number(counts[field] ?? 0);
    if (count > 0) rejections.set(signal, { count, reason: String(errorMessage ?? '') });
  }
  return true;
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import { type DiagLogFunction, DiagLogLevel, diag } from '@opentelemetry/api';
import { diagLogLevelFromString, setGlobalErrorHandler } from '@opentelemetry/core';

/**
 * What the SDK and Node report while the SDK sends something. The SDK tells its caller little:
 * processors give errors to a global handler, metric readers turn errors into text, and items that
 * a backend rejects are only logged.
 */
export interface SdkReport {
  errors: Error[];
  /** HTTP answers, from any exporter. */
  answers: { status: number; text: string; retryAfter: number | undefined }[];
  /** Errors of HTTP requests that got no answer. */
  networkErrors: Error[];
  /** Partial successes. */
  rejected: { count: number; reason: string }[];
}

const reports = new AsyncLocalStorage<SdkReport>();

/** Calls `send`, and returns what was reported until it settled. */
export async function reportOf(send: () => Promise<unknown>): Promise<SdkReport> {
  const report: SdkReport = { errors: [], answers: [], networkErrors: [], rejected: [] };
  try {
    await reports.run(report, send);
  } catch (error) {
    // TracerProvider rejects with an array: an error for each processor.
    report.errors.push(...([error].flat() as Error[]));
  }
  return report;
}

type Tell = (text: string) => void;

/**
 * Listens to every source of reports. `tell` gets the messages that OTEL_LOG_LEVEL adds to
 * warnings.
 */
export function listenToSdk(warn: Tell, tell: Tell): void {
  setGlobalErrorHandler((error) => reports.getStore()?.errors.push(error as Error));
  listenToHttp();
  logTo(warn, tell, DiagLogLevel.WARN);
  const level = diagLogLevelFromString(process.env.OTEL_LOG_LEVEL?.trim() || undefined);
  // With the variable set, each NodeSDK would replace the logger with its own.
  delete process.env.OTEL_LOG_LEVEL;
  if (level !== undefined) logTo(warn, tell, level);
}

function listenToHttp(): void {
  subscribe('http.client.response.finish', (message) => {
    const {
      statusCode: status = 0,
      statusMessage,
      headers,
    } = (message as { response: IncomingMessage }).response;
    const { location } = headers;
    const where = status < 400 && location ? ` to ${location}` : '';
    const text = `HTTP ${status} ${statusMessage}${where}`;
    const retryAfter = milliseconds(headers['retry-after']);
    reports.getStore()?.answers.push({ status, text, retryAfter });
  });
  subscribe('http.client.request.error', (message) => {
    const { error } = message as { request: ClientRequest; error: Error };
    reports.getStore()?.networkErrors.push(error);
  });
}

/** RFC 9110: seconds, or a date. */
function milliseconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(date - Date.now(), 0);
}

function logTo(warn: Tell, tell: Tell, level: DiagLogLevel): void {
  const at =
    (own: DiagLogLevel): DiagLogFunction =>
    (...args) => {
      if (keepRejection(args) || own > level) return;
      const text = args.map((arg) => (typeof arg === 'string' ? arg : readable(arg))).join(' ');
      (own <= DiagLogLevel.WARN ? warn : tell)(text);
    };
  const logger = {
    error: at(DiagLogLevel.ERROR),
    warn: at(DiagLogLevel.WARN),
    info: at(DiagLogLevel.INFO),
    debug: at(DiagLogLevel.DEBUG),
    verbose: at(DiagLogLevel.VERBOSE),
  };
  // Partial successes are logged as warnings, and reports need them at any level.
  const logLevel = Math.max(level, DiagLogLevel.WARN);
  diag.setLogger(logger, { logLevel, suppressOverrideMessage: true });
}

const readable = (value: unknown): string =>
  value instanceof Error ? String(value) : inspect(value, { depth: 6, breakLength: 100 });

function keepRejection([message, json]: unknown[]): boolean {
  const report = reports.getStore();
  if (!report || !String(message).startsWith('Received Partial Success')) return false;
  const { errorMessage = '', ...counts } = JSON.parse(String(json)) as Record<string, unknown>;
  const { rejectedSpans, rejectedDataPoints, rejectedLogRecords } = counts;
  const count = Number(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords ?? 0);
  // Protobuf's decoder reads a negative number as one of 2⁶³ or more.
  if (count > 0 && count < 2 ** 63) report.rejected.push({ count, reason: String(errorMessage) });
  return true;
}

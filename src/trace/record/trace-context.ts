import { createTraceState, type SpanContext } from '@opentelemetry/api';
import type { Environment } from '../../config/environment.ts';

/*
 * Span contexts in the format of W3C Trace Context, https://www.w3.org/TR/trace-context/. Ids are
 * lower-case hex digits, not all zero.
 */

/** The sampled bit of the trace flags. */
export const SAMPLED = 0x01;

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads a traceparent; anything the specification calls invalid is `undefined`. */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const match = text === undefined ? null : TRACEPARENT.exec(text);
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags, rest] = match as unknown as [string, ...string[]];
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return undefined;
  return {
    traceId: traceId!,
    spanId: spanId!,
    traceFlags: Number.parseInt(flags!, 16),
    isRemote: true,
  };
}

/**
 * Writes a traceparent of version 00. Only `sampled` is passed on: readers of level 1,
 * OpenTelemetry's for Go among them, refuse the flags of level 2.
 */
export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & SAMPLED}`;
}

/** The caller's span from `TRACEPARENT` and `TRACESTATE`. An invalid tracestate is ignored. */
export function traceContextFrom(environment: Environment): SpanContext | undefined {
  const context = parseTraceparent(environment.TRACEPARENT);
  const tracestate = environment.TRACESTATE;
  if (context === undefined || !tracestate || !isTracestate(tracestate)) return context;
  return { ...context, traceState: createTraceState(tracestate) };
}

/**
 * `TRACEPARENT`, `TRACESTATE` and `BAGGAGE` for a child process, as in OpenTelemetry's
 * specification "Environment Variables as Context Propagation Carriers".
 */
export function traceEnvironment(
  context: SpanContext,
  baggage?: string | undefined,
): Record<string, string> {
  const environment: Record<string, string> = { TRACEPARENT: formatTraceparent(context) };
  const tracestate = context.traceState?.serialize();
  if (tracestate) environment.TRACESTATE = tracestate;
  if (baggage) environment.BAGGAGE = baggage;
  return environment;
}

const TRACESTATE_KEY =
  /^(?:[a-z0-9][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
const TRACESTATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

function isTracestate(text: string): boolean {
  const members = text.split(',').map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''));
  if (members.length > 32) return false;
  const keys = new Set<string>();
  for (const member of members) {
    if (member === '') continue;
    const equals = member.indexOf('=');
    const key = member.slice(0, Math.max(equals, 0));
    if (!TRACESTATE_KEY.test(key) || !TRACESTATE_VALUE.test(member.slice(equals + 1))) return false;
    if (keys.has(key)) return false;
    keys.add(key);
  }
  return true;
}

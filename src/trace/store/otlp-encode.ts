import { type Attributes, type AttributeValue, SERVICE_VERSION } from '../record/attributes.ts';
import {
  type ExportTraceServiceRequest,
  type OtlpKeyValue,
  type OtlpSpan,
  type OtlpValue,
  SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE,
  SPAN_FLAGS_CONTEXT_IS_REMOTE,
  SPAN_KIND_INTERNAL,
  STATUS_CODE_ERROR,
} from './otlp.ts';
import type { CommandTrace, Span, SpanLink } from './span.ts';

/** A command's spans as OTLP/JSON. */
export function encodeTrace({ resource, spans }: CommandTrace): ExportTraceServiceRequest {
  const version = resource[SERVICE_VERSION] as string | undefined;
  return {
    resourceSpans: [
      {
        resource: { attributes: encodeAttributes(resource) },
        scopeSpans: [{ scope: { name: 'davit', version }, spans: spans.map(encodeSpan) }],
      },
    ],
  };
}

function encodeSpan(span: Span): OtlpSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: span.tracestate,
    parentSpanId: span.parentSpanId,
    flags: flagsOf(span.flags, span.remoteParent),
    name: span.name,
    kind: SPAN_KIND_INTERNAL,
    startTimeUnixNano: span.start.toString(),
    endTimeUnixNano: span.end.toString(),
    attributes: encodeAttributes(span.attributes),
    events: span.events.length === 0 ? undefined : span.events.map(encodeEvent),
    links: span.links.length === 0 ? undefined : span.links.map(encodeLink),
    status: span.error === undefined ? undefined : { code: STATUS_CODE_ERROR, message: span.error },
  };
}

function encodeEvent({ name, time, attributes }: Span['events'][number]) {
  return { timeUnixNano: time.toString(), name, attributes: encodeAttributes(attributes ?? {}) };
}

function encodeLink({ traceId, spanId, tracestate, flags }: SpanLink) {
  return { traceId, spanId, traceState: tracestate, flags: flagsOf(flags, true) };
}

function flagsOf(traceFlags: number, remote = false): number {
  const isRemote = remote ? SPAN_FLAGS_CONTEXT_IS_REMOTE : 0;
  return (traceFlags & 0xff) | SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE | isRemote;
}

function encodeAttributes(attributes: Attributes): OtlpKeyValue[] {
  const encoded: OtlpKeyValue[] = [];
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== undefined) encoded.push({ key, value: encodeValue(value) });
  }
  return encoded;
}

function encodeValue(value: AttributeValue): OtlpValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { arrayValue: { values: value.map(encodeValue) } };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

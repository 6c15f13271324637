import type { Attributes, AttributeValue } from '../record/attributes.ts';
import {
  type ExportTraceServiceRequest,
  type OtlpKeyValue,
  type OtlpSpan,
  type OtlpValue,
  SPAN_FLAGS_CONTEXT_IS_REMOTE,
  STATUS_CODE_ERROR,
} from '../store/otlp.ts';
import type { Span } from '../store/span.ts';

/** The spans of a request, in its order. Throws for what is not OTLP/JSON. */
export function decodeSpans(request: ExportTraceServiceRequest): Span[] {
  return request.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(decodeSpan)),
  );
}

export function decodeSpan(span: OtlpSpan): Span {
  const flags = span.flags ?? 0;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    remoteParent: (flags & SPAN_FLAGS_CONTEXT_IS_REMOTE) !== 0,
    flags: flags & 0xff,
    tracestate: span.traceState || undefined,
    name: String(span.name),
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
    attributes: decodeAttributes(span.attributes),
    events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
      name,
      time: BigInt(timeUnixNano),
      attributes: decodeAttributes(attributes),
    })),
    links: (span.links ?? []).map(({ traceId, spanId, flags, traceState }) => ({
      traceId,
      spanId,
      flags: (flags ?? 0) & 0xff,
      tracestate: traceState || undefined,
    })),
    error: span.status?.code === STATUS_CODE_ERROR ? (span.status.message ?? '') : undefined,
  };
}

export function decodeAttributes(attributes: OtlpKeyValue[] = []): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, decodeValue(value)]));
}

function decodeValue(value: OtlpValue): AttributeValue | undefined {
  if ('stringValue' in value) return value.stringValue;
  if ('boolValue' in value) return value.boolValue;
  if ('intValue' in value) return Number(value.intValue);
  if ('doubleValue' in value) return value.doubleValue;
  if ('arrayValue' in value)
    return (value.arrayValue.values ?? []).map((item) => String(decodeValue(item)));
  return undefined;
}

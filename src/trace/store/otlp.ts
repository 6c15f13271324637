/**
 * OTLP/JSON: opentelemetry-proto's trace.proto in protobuf's JSON mapping, with hex ids and enums
 * as numbers. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export interface ExportTraceServiceRequest {
  resourceSpans: OtlpResourceSpans[];
}

export interface OtlpResourceSpans {
  resource: { attributes: OtlpKeyValue[] };
  scopeSpans: { scope: { name: string; version?: string | undefined }; spans: OtlpSpan[] }[];
}

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  traceState?: string | undefined;
  parentSpanId?: string | undefined;
  flags?: number;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: OtlpKeyValue[];
  events?: { timeUnixNano: string; name: string; attributes?: OtlpKeyValue[] }[] | undefined;
  links?: OtlpLink[] | undefined;
  status?: { code?: number; message?: string } | undefined;
}

interface OtlpLink {
  traceId: string;
  spanId: string;
  traceState?: string | undefined;
  flags?: number;
}

export interface OtlpKeyValue {
  key: string;
  value: OtlpValue;
}

export type OtlpValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string | number }
  | { doubleValue: number }
  /** Other writers of OTLP leave an empty list out. */
  | { arrayValue: { values?: OtlpValue[] } };

export const SPAN_KIND_INTERNAL = 1;
export const STATUS_CODE_ERROR = 2;
export const SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE = 0x100;
export const SPAN_FLAGS_CONTEXT_IS_REMOTE = 0x200;

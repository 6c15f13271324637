import type { SpanContext } from '@opentelemetry/api';
import type { Attributes } from '../record/attributes.ts';

/** A finished span. Times are nanoseconds since the epoch. */
export interface Span {
  traceId: string;
  spanId: string;
  /** Absent for the first span of a trace. */
  parentSpanId?: string | undefined;
  /** True when the parent is another process's span. */
  remoteParent?: boolean | undefined;
  flags: number;
  tracestate?: string | undefined;
  name: string;
  start: bigint;
  end: bigint;
  attributes: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
  /** Why it failed; absent when it did not. */
  error?: string | undefined;
}

/** Something that happened at one moment of a span. */
interface SpanEvent {
  name: string;
  /** Nanoseconds since the epoch. */
  time: bigint;
  attributes?: Attributes | undefined;
}

/** Another span. */
export type SpanLink = Pick<Span, 'traceId' | 'spanId' | 'flags' | 'tracestate'>;

export const toLink = ({ traceId, spanId, traceFlags, traceState }: SpanContext): SpanLink => ({
  traceId,
  spanId,
  flags: traceFlags,
  tracestate: traceState?.serialize(),
});

/** What one command stores: its root span first, then the spans below it. */
export interface CommandTrace {
  /** Attributes of the program that made the spans: `service.name` and the like. */
  resource: Attributes;
  spans: Span[];
}

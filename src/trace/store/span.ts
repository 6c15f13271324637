import type { Attributes } from '../record/attributes.ts';
import type { TraceContext } from '../record/trace-context.ts';

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
  events: readonly SpanEvent[];
  links: readonly TraceContext[];
  /** Why it failed; absent when it did not. */
  error?: string | undefined;
}

/** Something that happened at one moment of a span. */
export interface SpanEvent {
  name: string;
  /** Nanoseconds: CLOCK_MONOTONIC when given to the recorder, since the epoch in a {@link Span}. */
  time: bigint;
  attributes?: Attributes | undefined;
}

/** What one command leaves: its root span, first, and those below it. */
export interface CommandTrace {
  /** Of the program that made the spans: `service.name` and the like. */
  resource: Attributes;
  spans: Span[];
}

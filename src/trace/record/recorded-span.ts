import type { Span, SpanEvent } from '../store/span.ts';
import { type Attributes, STAGE_CONFIG_PATH, STAGE_SIDE } from './attributes.ts';
import { spanFailure } from './failure-attributes.ts';

export interface SpanOptions {
  /** CLOCK_MONOTONIC nanoseconds, as process.hrtime.bigint() gives them on either side. */
  start: bigint;
  end: bigint;
  /** An id taken before from Recorder.newSpanId, for spans whose children come first. */
  spanId?: string | undefined;
  /** Span id; the command's root span when absent. */
  parent?: string | undefined;
  side?: 'runtime' | 'container' | undefined;
  configPath?: string | undefined;
  attributes?: Attributes | undefined;
  events?: readonly SpanEvent[] | undefined;
  /** What was thrown, or init's FailureReport: the span's status becomes an error. */
  error?: unknown;
}

/** A span that has ended, as it is kept until its command is stored. */
export interface RecordedSpan {
  name: string;
  spanId: string;
  options: SpanOptions;
}

/** The command's own span, and what is added to CLOCK_MONOTONIC to get nanoseconds since the epoch. */
export type CommandPlace = Pick<Span, 'traceId' | 'spanId' | 'flags' | 'tracestate'> & {
  offset: bigint;
};

/** A recorded span of the command at `place`, as it is stored. */
export function toSpan({ name, spanId, options }: RecordedSpan, place: CommandPlace): Span {
  const { traceId, spanId: commandSpanId, flags, tracestate, offset } = place;
  const failure = options.error === undefined ? undefined : spanFailure(options.error);
  return {
    traceId,
    spanId,
    parentSpanId: options.parent ?? commandSpanId,
    flags,
    tracestate,
    name,
    start: options.start + offset,
    end: options.end + offset,
    attributes: {
      [STAGE_SIDE]: options.side,
      ...failure?.attributes,
      ...(options.configPath === undefined ? {} : { [STAGE_CONFIG_PATH]: options.configPath }),
      ...options.attributes,
    },
    events: (options.events ?? []).map((event) => ({ ...event, time: event.time + offset })),
    links: [],
    error: failure?.message,
  };
}

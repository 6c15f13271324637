import {
  type Span as ApiSpan,
  context,
  createTraceState,
  isSpanContextValid,
  type SpanContext,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { CommandTrace, Span } from '../store/span.ts';
import { apiAttributes, hrTime } from './api-values.ts';
import { epochOffset } from './clock.ts';
import type { Recorder } from './recorder.ts';
import type { TraceContext } from './trace-context.ts';

/** The span that is active in the embedding program: the caller of a command. */
export function activeSpan(): TraceContext | undefined {
  const active = trace.getSpanContext(context.active());
  return active && isSpanContextValid(active) ? fromApi(active) : undefined;
}

/** Recorder's `begin`. */
export function bridge(recorder: Recorder): (trace: CommandTrace) => void {
  const bridge = new OtelBridge(recorder);
  return (trace) => bridge.end(trace);
}

/**
 * One command in the embedding program's own telemetry: the same spans, with the same times, through
 * its TracerProvider. Load this module only when {@link hasTracerProvider} says there is one.
 */
class OtelBridge {
  readonly #tracer: Tracer;
  readonly #root: ApiSpan;

  /**
   * Begins the command's span where `recorder` has it, which takes over its ids: see
   * {@link RecorderOptions.begin}.
   */
  constructor(recorder: Recorder) {
    const { version, start } = recorder.options;
    this.#tracer = trace.getTracer('davit', version);
    this.#root = this.#tracer.startSpan(
      recorder.name,
      { startTime: hrTime(start + epochOffset().nanos) },
      recorder.parent && trace.setSpanContext(context.active(), toApi(recorder.parent)),
    );
    const root = this.#root.spanContext();
    if (isSpanContextValid(root)) recorder.adopt(fromApi(root));
  }

  /** Hands over what was recorded and ends the command's span. */
  end({ spans }: CommandTrace): void {
    const [root, ...below] = spans as [Span, ...Span[]];
    this.#below(root.spanId, this.#root, below);
    for (const link of root.links) this.#root.addLink({ context: toApi(link) });
    close(this.#root, root);
  }

  #below(parentSpanId: string, parent: ApiSpan, spans: readonly Span[]): void {
    for (const span of spans.filter((span) => span.parentSpanId === parentSpanId)) {
      const options = { startTime: hrTime(span.start) };
      const child = this.#tracer.startSpan(
        span.name,
        options,
        trace.setSpan(context.active(), parent),
      );
      this.#below(span.spanId, child, spans);
      close(child, span);
    }
  }
}

function close(api: ApiSpan, span: Span): void {
  api.setAttributes(apiAttributes(span.attributes));
  for (const event of span.events) {
    api.addEvent(event.name, apiAttributes(event.attributes ?? {}), hrTime(event.time));
  }
  if (span.error !== undefined) {
    api.setStatus({ code: SpanStatusCode.ERROR, message: span.error });
  }
  api.end(hrTime(span.end));
}

function fromApi({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  return { traceId, spanId, flags: traceFlags, tracestate: traceState?.serialize() };
}

function toApi({ traceId, spanId, flags, tracestate }: TraceContext): SpanContext {
  const remote = { traceId, spanId, traceFlags: flags, isRemote: true };
  return tracestate ? { ...remote, traceState: createTraceState(tracestate) } : remote;
}

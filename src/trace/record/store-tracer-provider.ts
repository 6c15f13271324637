import {
  type Span as ApiSpan,
  type Context,
  context as contexts,
  createContextKey,
  isSpanContextValid,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { type Span, toLink } from '../store/span.ts';
import type { Attributes } from './attributes.ts';
import { nanosOf } from './clock.ts';
import { copySpan } from './copy-span.ts';
import { newSpanId, newTraceId } from './ids.ts';
import { parentBased, type Sampler } from './sampler.ts';
import { StoreSpan } from './store-span.ts';
import { SAMPLED } from './trace-context.ts';

interface StoreTracerOptions {
  /** Called with each span when it ends. */
  onEnd: (span: Span) => void;
  /** Default: parentBased. */
  sampler?: Sampler | undefined;
  /** The embedding program's tracer, which gets the same spans at the same moments. */
  program?: Tracer | undefined;
}

/**
 * Context key, set inside init: the embedding program's tracer does not run there. The program gets
 * such a span when it ends, in the runtime.
 */
export const IN_INIT = createContextKey('davit in init');

/** Makes the spans of one command for davit's store. */
export class StoreTracerProvider implements TracerProvider {
  readonly #options: StoreTracerOptions;

  constructor(options: StoreTracerOptions) {
    this.#options = options;
  }

  getTracer(): StoreTracer {
    return new StoreTracer(this.#options);
  }
}

class StoreTracer implements Tracer {
  readonly #options: StoreTracerOptions;

  constructor(options: StoreTracerOptions) {
    this.#options = options;
  }

  startSpan(name: string, options: SpanOptions = {}, context = contexts.active()): StoreSpan {
    const { onEnd, program } = this.#options;
    const parent = options.root ? undefined : trace.getSpanContext(context);
    if (!program) {
      const own = this.#newContext(parent);
      return new StoreSpan(own, recordOf(name, options, own, parent), onEnd);
    }
    const begin = () => program.startSpan(name, options, context);
    const live = context.getValue(IN_INIT) ? undefined : begin();
    const own = contextOf(live, parent) ?? this.#newContext(parent);
    return new StoreSpan(own, recordOf(name, options, own, parent), (record) => {
      copySpan(record, live ?? begin());
      onEnd(record);
    });
  }

  startActiveSpan<F extends (span: ApiSpan) => unknown>(...args: [string, ...unknown[], F]) {
    const work = args.at(-1) as F;
    const [name, options, context = contexts.active()] = args.slice(0, -1) as [
      string,
      SpanOptions?,
      Context?,
    ];
    const span = this.startSpan(name, options, context);
    const call = () => work(span) as ReturnType<F>;
    return contexts.with(trace.setSpan(context, span), call);
  }

  #newContext(parent: SpanContext | undefined): SpanContext {
    const { sampler = parentBased } = this.#options;
    const traceId = parent?.traceId ?? newTraceId();
    const sampled = sampler(traceId, parent) ? SAMPLED : 0;
    const traceFlags = ((parent?.traceFlags ?? 0) & ~SAMPLED) | sampled;
    const own = { traceId, spanId: newSpanId(), traceFlags };
    return parent?.traceState ? { ...own, traceState: parent.traceState } : own;
  }
}

/** The context of the program's span. Undefined where the program's tracer made no span. */
function contextOf(
  live: ApiSpan | undefined,
  parent: SpanContext | undefined,
): SpanContext | undefined {
  const context = live?.spanContext();
  const isOwn = context && isSpanContextValid(context) && context.spanId !== parent?.spanId;
  return isOwn ? context : undefined;
}

function recordOf(
  name: string,
  { startTime, attributes, links = [] }: SpanOptions,
  { traceId, spanId, traceFlags, traceState }: SpanContext,
  parent: SpanContext | undefined,
): Span {
  const start = nanosOf(startTime);
  return {
    traceId,
    spanId,
    parentSpanId: parent?.spanId,
    remoteParent: parent?.isRemote,
    flags: traceFlags,
    tracestate: traceState?.serialize(),
    name,
    start,
    end: start,
    attributes: { ...(attributes as Attributes) },
    events: [],
    links: links.map((link) => toLink(link.context)),
  };
}

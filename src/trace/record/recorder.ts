import { failedStage } from '../../errors/stage-error.ts';
import type { CommandTrace, Span } from '../store/span.ts';
import {
  type Attributes,
  ERROR_HINT,
  EXPORTED,
  PROCESS_EXIT_CODE,
  SERVICE_NAME,
  SERVICE_VERSION,
  UNFINISHED,
} from './attributes.ts';
import { epochOffset } from './clock.ts';
import { commandAttributes } from './command-attributes.ts';
import { containerAttributes } from './container-attributes.ts';
import { spanFailure } from './failure-attributes.ts';
import { IdSource } from './ids.ts';
import { findParentage, type Parentage } from './parentage.ts';
import { type CommandPlace, type RecordedSpan, type SpanOptions, toSpan } from './recorded-span.ts';
import type { FinishOptions, KnownContainer, RecorderOptions } from './recorder-options.ts';
import { parentBased } from './sampler.ts';
import { formatTraceparent, type TraceContext, traceContextFrom } from './trace-context.ts';

/** The spans of one command, in memory until {@link Recorder.finish}. */
export class Recorder {
  readonly options: RecorderOptions;
  /** The root span's name: `davit create`. */
  readonly name: string;
  readonly #ids = new IdSource();
  readonly #clock = epochOffset();
  readonly #spans: RecordedSpan[] = [];
  /** One for all of the command's spans, from when they are first given away. */
  #offset: bigint | undefined;
  /** How many spans {@link soFar} has given. */
  #given = 0;
  #rootSpanId: string;
  #containerId: string | undefined;
  #containerAttributes: Attributes = {};
  #parentage: Parentage | undefined;
  #begun = false;
  #end: ((trace: CommandTrace) => void) | undefined;

  constructor(options: RecorderOptions) {
    this.options = options;
    this.name = `davit ${options.command}`;
    this.#rootSpanId = this.#ids.spanId();
    this.#clock.sample();
  }

  /**
   * Says which container the command is about and, unless this command creates it, what its state
   * holds of it. Call it before {@link context} is used.
   */
  setContainer(id: string, known: KnownContainer = {}): void {
    this.#containerId = id;
    const { traceparent: TRACEPARENT, tracestate: TRACESTATE, annotations } = known;
    this.#parentage = this.#find(traceContextFrom({ TRACEPARENT, TRACESTATE }));
    if (annotations) this.describeContainer(annotations);
  }

  /** Tells what the container's annotations say. */
  describeContainer(annotations: Readonly<Record<string, string>>): void {
    this.#containerAttributes = containerAttributes(annotations);
  }

  get containerId(): string | undefined {
    return this.#containerId;
  }

  /** The span the command is below, another process's; absent when it begins a trace. */
  get parent(): TraceContext | undefined {
    const { traceId, parentSpanId: spanId, flags, tracestate } = this.#place();
    return spanId === undefined ? undefined : { traceId, spanId, flags, tracestate };
  }

  /** Takes over the ids of a root span that `begin` began through another tracer (otel-bridge). */
  adopt(root: TraceContext): void {
    const { traceId, spanId, flags, tracestate } = root;
    this.#parentage = { ...this.#place(), traceId, flags, tracestate };
    this.#rootSpanId = spanId;
  }

  /** The command's own span, for state.json (as {@link traceparent}), hooks and the container. */
  get context(): TraceContext {
    this.#begin();
    return this.contextOf(this.#rootSpanId);
  }

  get traceparent(): string {
    return formatTraceparent(this.context);
  }

  /** The same for state.json. */
  get traceRecord(): { traceparent: string; tracestate?: string } {
    const { tracestate } = this.context;
    return { traceparent: this.traceparent, ...(tracestate && { tracestate }) };
  }

  /** The span `spanId` of this command, as a child process gets it. */
  contextOf(spanId: string): TraceContext {
    this.#begin();
    const { traceId, flags, tracestate } = this.#place();
    return { traceId, spanId, flags, tracestate };
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#end = this.options.begin?.(this);
  }

  newSpanId(): string {
    return this.#ids.spanId();
  }

  /** Records a span that has ended; gives its id. */
  span(name: string, options: SpanOptions): string {
    const spanId = options.spanId ?? this.#ids.spanId();
    this.#spans.push({ name, spanId, options });
    this.#clock.sample();
    return spanId;
  }

  /** The command as far as it has got, the root span first. It goes on. */
  soFar(): CommandTrace {
    const trace = this.#trace({ attributes: { [UNFINISHED]: true } });
    this.#given = this.#spans.length;
    return this.#marked(trace);
  }

  /** Ends the command. The root span comes first; what {@link soFar} has given is left out. */
  finish(options: FinishOptions = {}): CommandTrace {
    const trace = this.#trace(options);
    if (options.hint) this.#addHint(trace, options, options.hint);
    this.#end?.(trace);
    trace.spans.splice(1, this.#given);
    return this.#marked(trace);
  }

  #trace(options: FinishOptions): CommandTrace {
    const end = options.end ?? process.hrtime.bigint();
    this.#clock.sample();
    this.#offset ??= this.#clock.nanos;
    const place = { ...this.context, offset: this.#offset };
    return {
      resource: { [SERVICE_NAME]: 'davit', [SERVICE_VERSION]: this.options.version },
      spans: [
        this.#root(options, end, place),
        ...this.#spans.map((recorded) => toSpan(recorded, place)),
      ],
    };
  }

  /** As the store is to have it. */
  #marked(trace: CommandTrace): CommandTrace {
    if (this.#end) trace.spans[0]!.attributes[EXPORTED] = true;
    return trace;
  }

  /** To the span of the command, where that failed, and of the stage that did. */
  #addHint({ spans }: CommandTrace, { error, tolerated }: FinishOptions, hint: string): void {
    const stage = failedStage(error ?? tolerated);
    for (const [i, span] of spans.entries()) {
      const failed = span.error !== undefined && (i === 0 || span.name === stage);
      if (failed) span.attributes[ERROR_HINT] = hint;
    }
  }

  #place(): Parentage {
    this.#parentage ??= this.#find(undefined);
    return this.#parentage;
  }

  #find(container: TraceContext | undefined): Parentage {
    const { caller, sampler = parentBased } = this.options;
    return findParentage(this.#ids, caller, container, sampler);
  }

  #root(options: FinishOptions, end: bigint, { offset, ...place }: CommandPlace): Span {
    const { exitCode, attributes, error } = options;
    const failure = error === undefined ? undefined : spanFailure(error);
    const { parentSpanId, links } = this.#place();
    return {
      ...place,
      parentSpanId,
      remoteParent: parentSpanId !== undefined,
      name: this.name,
      start: this.options.start + offset,
      end: end + offset,
      attributes: {
        ...commandAttributes(this.options, this.#containerId),
        ...this.#containerAttributes,
        [PROCESS_EXIT_CODE]: exitCode,
        ...failure?.attributes,
        ...attributes,
      },
      events: [],
      links,
      error: failure?.message,
    };
  }
}

import { failedStage } from '../errors/stage-error.ts';
import {
  type Attributes,
  CONTAINER_ID,
  CONTAINER_RUNTIME_NAME,
  CONTAINER_RUNTIME_VERSION,
  ERROR_HINT,
  EXPORTED,
  PROCESS_COMMAND_ARGS,
  PROCESS_EXECUTABLE_NAME,
  PROCESS_EXECUTABLE_PATH,
  PROCESS_EXIT_CODE,
  PROCESS_PID,
  SERVICE_NAME,
  SERVICE_VERSION,
  STAGE_CONFIG_PATH,
  STAGE_SIDE,
  UNFINISHED,
} from './attributes.ts';
import { epochOffset } from './clock.ts';
import { containerAttributes } from './container-attributes.ts';
import { spanFailure } from './failure-attributes.ts';
import { IdSource } from './ids.ts';
import { findParentage, type Parentage } from './parentage.ts';
import { parentBased, type Sampler } from './sampler.ts';
import type { CommandTrace, Span, SpanEvent } from './span.ts';
import { formatTraceparent, type TraceContext, traceContextFrom } from './trace-context.ts';

export interface RecorderOptions {
  /** `create`; the root span is `davit create`. */
  command: string;
  /** When the command began: CLOCK_MONOTONIC nanoseconds, {@link processStart} in the CLI. */
  start: bigint;
  /** The span of whoever runs the command, from {@link traceContextFrom}. */
  caller?: TraceContext | undefined;
  /**
   * Called once the command's parent is known, before its own context is first used: may
   * {@link Recorder.adopt}. What it gives is called with the whole command.
   */
  begin?: ((recorder: Recorder) => (trace: CommandTrace) => void) | undefined;
  /** davit's version. */
  version?: string | undefined;
  /** The command line after `davit`; none in an embedding program. */
  args?: readonly string[] | undefined;
  /** Default: {@link parentBased}. */
  sampler?: Sampler | undefined;
}

/** What state.json holds of a container's trace. */
export interface KnownContainer {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
  annotations?: Readonly<Record<string, string>> | undefined;
}

export interface SpanOptions {
  /** CLOCK_MONOTONIC nanoseconds, as process.hrtime.bigint() gives them on either side. */
  start: bigint;
  end: bigint;
  /** An id taken before from {@link Recorder.newSpanId}, for spans whose children come first. */
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

export interface FinishOptions {
  /** CLOCK_MONOTONIC nanoseconds; now when absent. */
  end?: bigint | undefined;
  exitCode?: number | undefined;
  attributes?: Attributes | undefined;
  error?: unknown;
  /** What to do about the error. */
  hint?: string | undefined;
}

/** The spans of one command, in memory until {@link Recorder.finish}. */
export class Recorder {
  readonly options: RecorderOptions;
  /** The root span's name: `davit create`. */
  readonly name: string;
  readonly #ids = new IdSource();
  readonly #clock = epochOffset();
  readonly #spans: { name: string; spanId: string; options: SpanOptions }[] = [];
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
    if (options.hint) this.#addHint(trace, options.error, options.hint);
    this.#end?.(trace);
    trace.spans.splice(1, this.#given);
    return this.#marked(trace);
  }

  #trace(options: FinishOptions): CommandTrace {
    this.#begin();
    const end = options.end ?? process.hrtime.bigint();
    this.#clock.sample();
    this.#offset ??= this.#clock.nanos;
    const offset = this.#offset;
    return {
      resource: { [SERVICE_NAME]: 'davit', [SERVICE_VERSION]: this.options.version },
      spans: [
        this.#root(options, end, offset),
        ...this.#spans.map(({ name, spanId, options }) =>
          this.#child(name, spanId, options, offset),
        ),
      ],
    };
  }

  /** As the store is to have it. */
  #marked(trace: CommandTrace): CommandTrace {
    if (this.#end) trace.spans[0]!.attributes[EXPORTED] = true;
    return trace;
  }

  /** To the command's span and that of the stage which failed. */
  #addHint({ spans }: CommandTrace, error: unknown, hint: string): void {
    const stage = failedStage(error);
    const failed = spans.find((span) => span.name === stage && span.error !== undefined);
    for (const span of [spans[0], failed]) if (span) span.attributes[ERROR_HINT] = hint;
  }

  #place(): Parentage {
    this.#parentage ??= this.#find(undefined);
    return this.#parentage;
  }

  #find(container: TraceContext | undefined): Parentage {
    const { caller, sampler = parentBased } = this.options;
    return findParentage(this.#ids, caller, container, sampler);
  }

  #root({ exitCode, attributes, error }: FinishOptions, end: bigint, offset: bigint): Span {
    const failure = error === undefined ? undefined : spanFailure(error);
    const { parentSpanId, links, ...place } = this.#place();
    return {
      traceId: place.traceId,
      flags: place.flags,
      tracestate: place.tracestate,
      spanId: this.#rootSpanId,
      parentSpanId,
      remoteParent: parentSpanId !== undefined,
      name: this.name,
      start: this.options.start + offset,
      end: end + offset,
      attributes: {
        [CONTAINER_ID]: this.#containerId,
        [CONTAINER_RUNTIME_NAME]: 'davit',
        [CONTAINER_RUNTIME_VERSION]: this.options.version,
        ...this.#containerAttributes,
        [PROCESS_PID]: process.pid,
        [PROCESS_EXECUTABLE_NAME]: process.execPath.slice(process.execPath.lastIndexOf('/') + 1),
        [PROCESS_EXECUTABLE_PATH]: process.execPath,
        [PROCESS_COMMAND_ARGS]: this.options.args && ['davit', ...this.options.args],
        [PROCESS_EXIT_CODE]: exitCode,
        ...failure?.attributes,
        ...attributes,
      },
      events: [],
      links,
      error: failure?.message,
    };
  }

  #child(name: string, spanId: string, options: SpanOptions, offset: bigint): Span {
    const failure = options.error === undefined ? undefined : spanFailure(options.error);
    const { traceId, flags, tracestate } = this.#place();
    return {
      traceId,
      spanId,
      parentSpanId: options.parent ?? this.#rootSpanId,
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
}

import {
  type Span as ApiSpan,
  type Context,
  context as contexts,
  type SpanContext,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { LifecycleBus } from '../../bus/bus.ts';
import type { PluginCall, StageBeforeEvent, StageUndoneEvent } from '../../bus/events.ts';
import type { MountRun } from '../../context/mount-run.ts';
import { failedStage } from '../../errors/stage-error.ts';
import type { HookRun } from '../../hooks/hook-run.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import type { CommandTrace, Span } from '../store/span.ts';
import {
  type Attributes,
  ERROR_HINT,
  EXPORTED,
  MOUNT_DESTINATION,
  MOUNT_OPTIONS,
  MOUNT_SOURCE,
  MOUNT_TYPE,
  PLUGIN_CALL,
  PLUGIN_NAME,
  PROCESS_EXECUTABLE_PATH,
  PROCESS_EXIT_CODE,
  STAGE_SIDE,
  UNFINISHED,
} from './attributes.ts';
import { epochOffset, hrTime } from './clock.ts';
import {
  type CommandOptions,
  commandAttributes,
  davitResource,
  type RecordedTrace,
} from './command-attributes.ts';
import { containerAttributes } from './container-attributes.ts';
import { markFailed } from './mark-failed.ts';
import { findParentage } from './parentage.ts';
import type { StoreSpan } from './store-span.ts';
import { IN_INIT, StoreTracerProvider } from './store-tracer-provider.ts';
import { formatTraceparent, traceContextFrom } from './trace-context.ts';

type Side = 'runtime' | 'container';

/** A span that has ended. Times are CLOCK_MONOTONIC nanoseconds. */
interface EndedSpan {
  start: bigint;
  end: bigint;
  side?: Side | undefined;
  attributes?: Attributes | undefined;
  /** What was thrown, or init's FailureReport: the span's status becomes an error. */
  error?: unknown;
}

/** How a command ended. */
export interface Outcome {
  error?: unknown;
  /** Why the program could not be executed, when the command succeeds nevertheless. */
  toleratedError?: unknown;
  /** What to do about the failure. */
  hint?: string | undefined;
  exitCode?: number;
}

/**
 * The spans of one command: its root span, and spans of its stages on both sides and of the hooks
 * and plugins that they call. They stay in memory until the store gets them.
 */
export class CommandSpans {
  readonly options: CommandOptions;
  readonly #tracer: Tracer;
  /** Nanoseconds from CLOCK_MONOTONIC to the epoch, the same for all of the command's spans. */
  readonly #offset = epochOffset();
  /** The command's root span, for hooks and the container. */
  readonly root: StoreSpan;
  /** The context for spans whose parent is the root span. */
  readonly #context: Context;
  readonly #ended: Span[] = [];
  /** The embedding program's context at the command's start. */
  readonly #active = contexts.active();
  #running: { stage: string; side: Side; since: bigint; span: ApiSpan | undefined } | undefined;
  /** Calls of plugins by the running stage. */
  #calls: PluginCall[] = [];
  /** Mounts of the running stage that took long. */
  #mounts: MountRun[] = [];
  /** Spans of the running stage's hooks, by span id. */
  readonly #hooks = new Map<string, ApiSpan>();
  /** Spans of failed stages. They stay open until the command's end, when the hint is known. */
  readonly #failed: { span: ApiSpan; event: StageUndoneEvent }[] = [];

  constructor(options: CommandOptions) {
    this.options = options;
    const { command, start, caller, container, sampler, program } = options;
    const onEnd = (span: Span) => this.#ended.push(span);
    const provider = new StoreTracerProvider({ onEnd, sampler, program });
    const tracer = provider.getTracer();
    this.#tracer = tracer;
    const { parent, links } = findParentage(caller, container && contextOf(container));
    const attributes = commandAttributes(options);
    this.root = tracer.startSpan(
      `davit ${command}`,
      { startTime: this.#time(start), links, attributes },
      parent ? trace.setSpanContext(this.#active, parent) : this.#active,
    );
    this.#context = trace.setSpan(this.#active, this.root);
    if (container?.annotations) this.describeContainer(container.annotations);
  }

  /**
   * Most events may arrive late. A stage that runs hooks is announced at once: hooks get a span
   * below the stage's span.
   */
  subscribe(bus: LifecycleBus): void {
    const ended = (event: StageUndoneEvent) => this.#stageEnded(event);
    const canWait = { canWait: true };
    bus.on('stage:before', (event) => this.#stageBegun(event), canWait);
    for (const stage of ['createContainerHooks', 'startContainerHooks']) {
      bus.on(`${stage}:before`, () => this.running);
    }
    bus.on('hook:ran', (run) => this.#hookRan(run), canWait);
    bus.on('mount:made', (mount) => this.#mounts.push(mount), canWait);
    bus.on('plugin:called', (call) => this.#calls.push(call), canWait);
    bus.on('stage:after', ended, canWait);
    bus.on('stage:error', ended, canWait);
    bus.on('stage:undone', (event) => this.#stageUndone(event), canWait);
  }

  /** Adds attributes from the container's annotations. */
  describeContainer(annotations: Readonly<Record<string, string>>): void {
    this.root.setAttributes(containerAttributes(annotations));
  }

  /** The root span's context, for state.json. */
  get traceRecord(): { traceparent: string; tracestate?: string } {
    const context = this.root.spanContext();
    const tracestate = context.traceState?.serialize();
    return { traceparent: formatTraceparent(context), ...(tracestate && { tracestate }) };
  }

  /** The running stage's span. A container stage's span is begun when it is first asked for. */
  get running(): ApiSpan | undefined {
    if (!this.#running) return undefined;
    const { stage, since } = this.#running;
    this.#running.span ??= this.start(stage, since);
    return this.#running.span;
  }

  /** Begins a span. Its parent is the root span where there is no `parent`. */
  start(name: string, start: bigint, parent?: ApiSpan): ApiSpan {
    const startTime = this.#time(start);
    return this.#tracer.startSpan(name, { startTime }, this.#below(parent));
  }

  /** Ends a span. */
  end(span: ApiSpan, { end, side, attributes, error }: Omit<EndedSpan, 'start'>): void {
    if (side) span.setAttribute(STAGE_SIDE, side);
    if (error !== undefined) markFailed(span, error);
    if (attributes) span.setAttributes(attributes);
    span.end(this.#time(end));
  }

  /** Makes a span of something that has ended. */
  record(name: string, times: EndedSpan, parent?: ApiSpan): void {
    this.end(this.start(name, times.start, parent), times);
  }

  /** Begins the span of a hook of the running stage. */
  startHook(name: string, inInit: boolean): SpanContext {
    const below = this.#below(this.running);
    const context = inInit ? below.setValue(IN_INIT, true) : below;
    const startTime = this.#time(monotonicNs());
    const span = this.#tracer.startSpan(`hook ${name}`, { startTime }, context);
    this.#hooks.set(span.spanContext().spanId, span);
    return span.spanContext();
  }

  /** Records a plugin's call as a child of `parent`. */
  recordCall({ plugin, call, begin: start, end, error }: PluginCall, parent?: ApiSpan): void {
    const side = call.startsWith('inContainer') ? 'container' : 'runtime';
    const attributes = { [PLUGIN_NAME]: plugin, [PLUGIN_CALL]: call };
    this.record(`plugin ${plugin}`, { start, end, side, attributes, error }, parent);
  }

  #recordMount(mount: MountRun, parent: ApiSpan): void {
    const { destination, source, fstype, options, begin: start, end } = mount;
    const attributes = {
      [MOUNT_DESTINATION]: destination,
      [MOUNT_SOURCE]: source,
      [MOUNT_TYPE]: fstype,
      [MOUNT_OPTIONS]: [...options],
    };
    const times = { start, end, side: 'container', attributes } as const;
    this.record(`mount ${destination}`, times, parent);
  }

  /**
   * The spans that have ended so far, after a root span marked as unfinished. The command goes on.
   */
  soFar(): CommandTrace {
    const { record } = this.root;
    const end = monotonicNs() + this.#offset;
    return this.#trace({
      ...record,
      end,
      attributes: { ...record.attributes, [UNFINISHED]: true },
    });
  }

  /**
   * Ends the command. The root span comes first. Spans that {@link soFar} returned are left out.
   */
  finish(
    { error, toleratedError, hint, exitCode }: Outcome = {},
    end = monotonicNs(),
  ): CommandTrace {
    const stage = failedStage(error ?? toleratedError);
    for (const { span, event } of this.#failed) {
      const attributes = event.stage === stage ? { [ERROR_HINT]: hint } : {};
      this.#endStage(span, event, attributes);
    }
    const attributes = {
      [PROCESS_EXIT_CODE]: exitCode,
      ...(error !== undefined && { [ERROR_HINT]: hint }),
    };
    this.end(this.root, { end, attributes, error });
    this.#ended.pop();
    return this.#trace(this.root.record);
  }

  #trace(root: Span): CommandTrace {
    if (this.options.program) root.attributes[EXPORTED] = true;
    return { resource: davitResource, spans: [root, ...this.#ended.splice(0)] };
  }

  #stageBegun({ stage, side }: StageBeforeEvent): void {
    this.#running = { stage, side, since: monotonicNs(), span: undefined };
    if (side === 'runtime') this.running;
  }

  #stageEnded(event: StageUndoneEvent): void {
    const { stage, interval, error } = event;
    const begun = this.#running?.stage === stage ? this.#running.span : undefined;
    this.#running = undefined;
    const span = begun ?? this.start(stage, interval.begin);
    for (const call of this.#calls.splice(0)) this.recordCall(call, span);
    for (const mount of this.#mounts.splice(0)) this.#recordMount(mount, span);
    if (error) this.#failed.push({ span, event });
    else this.#endStage(span, event);
  }

  #endStage(
    span: ApiSpan,
    { side, interval, error }: StageUndoneEvent,
    attributes?: Attributes,
  ): void {
    this.end(span, { end: interval.end, side, error, attributes });
  }

  #stageUndone({ stage, interval: { begin: start, end }, error }: StageUndoneEvent): void {
    this.record(`undo ${stage}`, { start, end, error });
  }

  #hookRan({ path, spanId, end, error }: HookRun): void {
    const attributes = { [PROCESS_EXECUTABLE_PATH]: path };
    const span = this.#hooks.get(spanId);
    if (span) this.end(span, { end, side: this.#running?.side, attributes, error });
    this.#hooks.delete(spanId);
  }

  #below(parent: ApiSpan | undefined): Context {
    return parent ? trace.setSpan(this.#active, parent) : this.#context;
  }

  #time(monotonic: bigint) {
    return hrTime(monotonic + this.#offset);
  }
}

const contextOf = ({ traceparent: TRACEPARENT, tracestate: TRACESTATE }: RecordedTrace) =>
  traceContextFrom({ TRACEPARENT, TRACESTATE });

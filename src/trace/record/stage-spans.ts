import type { HookRun } from '../../hooks/trace-hook.ts';
import type { LifecycleBus } from '../../lifecycle/bus.ts';
import type { PluginCall, StageUndoneEvent } from '../../lifecycle/events.ts';
import { PLUGIN_CALL, PLUGIN_NAME, PROCESS_EXECUTABLE_PATH } from './attributes.ts';
import type { Recorder } from './recorder.ts';
import type { TraceContext } from './trace-context.ts';

/** Makes a span of every stage that runs, on either side, and of what it runs. */
export class StageSpans {
  readonly #recorder: Recorder;
  #running: { stage: string; spanId: string } | undefined;
  /** What the running stage has run. */
  #hooks: HookRun[] = [];
  #calls: PluginCall[] = [];

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Spans are kept in memory until the command ends: the bus need not hurry. */
  subscribe(bus: LifecycleBus): void {
    const ended = (event: StageUndoneEvent) => this.#ended(event);
    const canWait = { canWait: true };
    bus.on('stage:before', ({ stage }) => this.#begun(stage), canWait);
    bus.on('hook:ran', (run) => this.#hooks.push(run), canWait);
    bus.on('plugin:called', (call) => this.#calls.push(call), canWait);
    bus.on('stage:after', ended, canWait);
    bus.on('stage:error', ended, canWait);
    bus.on('stage:undone', (event) => this.#undone(event), canWait);
  }

  /** The span of the stage that is running, else the command's: what a hook is a child of. */
  get context(): TraceContext {
    const { spanId } = this.#running ?? {};
    return spanId === undefined ? this.#recorder.context : this.#recorder.contextOf(spanId);
  }

  /** The id of the span of the stage that is running. */
  get running(): string | undefined {
    return this.#running?.spanId;
  }

  /** What a plugin took within the span `parent`, the command's when absent. */
  recordCall({ plugin, call, begin, end, error }: PluginCall, parent?: string): void {
    this.#recorder.span(`plugin ${plugin}`, {
      ...{ start: begin, end, parent, error },
      side: call.startsWith('inContainer') ? 'container' : 'runtime',
      attributes: { [PLUGIN_NAME]: plugin, [PLUGIN_CALL]: call },
    });
  }

  #begun(stage: string): void {
    this.#running = { stage, spanId: this.#recorder.newSpanId() };
  }

  #ended({ stage, side, interval: { begin: start, end }, error }: StageUndoneEvent): void {
    const spanId = this.#running?.stage === stage ? this.#running.spanId : undefined;
    this.#running = undefined;
    const id = this.#recorder.span(stage, { start, end, side, spanId, error });
    for (const hook of this.#hooks.splice(0)) this.#recordHook(hook, side, id);
    for (const call of this.#calls.splice(0)) this.recordCall(call, id);
  }

  #undone({ stage, interval: { begin: start, end }, error }: StageUndoneEvent): void {
    this.#recorder.span(`undo ${stage}`, { start, end, error });
  }

  #recordHook(
    { name, path, spanId, begin, end, error }: HookRun,
    side: StageUndoneEvent['side'],
    parent: string,
  ): void {
    this.#recorder.span(`hook ${name}`, {
      ...{ start: begin, end, spanId, parent, side, error },
      attributes: { [PROCESS_EXECUTABLE_PATH]: path },
    });
  }
}

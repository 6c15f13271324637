import type { PluginCall } from '../lifecycle/extensions.ts';
import type { Observer, StageRun } from '../lifecycle/observer.ts';
import type { Stage } from '../lifecycle/stage.ts';
import type { HookRun } from '../process/hooks/trace-hook.ts';
import { PLUGIN_CALL, PLUGIN_NAME, PROCESS_EXECUTABLE_PATH } from './attributes.ts';
import type { Recorder } from './recorder.ts';
import type { TraceContext } from './trace-context.ts';

/** Makes a span of every stage that runs, on either side. */
export class StageSpans implements Observer {
  readonly #recorder: Recorder;
  #running: { stage: Stage; spanId: string } | undefined;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** The span of the stage that is running, else the command's: what a hook is a child of. */
  get context(): TraceContext {
    const { spanId } = this.#running ?? {};
    return spanId === undefined ? this.#recorder.context : this.#recorder.contextOf(spanId);
  }

  before(stage: Stage): void {
    this.#running = { stage, spanId: this.#recorder.newSpanId() };
  }

  /** Spans are kept until the command ends. */
  acts(): boolean {
    return false;
  }

  /** The id of the span of the stage that is running. */
  get running(): string | undefined {
    return this.#running?.spanId;
  }

  after({ stage, begin, end, failure, calls = [], hooks = [] }: StageRun): void {
    const spanId = this.#running?.stage.name === stage.name ? this.#running.spanId : undefined;
    this.#running = undefined;
    const { side } = stage;
    const id = this.#recorder.span(stage.name, { start: begin, end, side, spanId, error: failure });
    for (const hook of hooks) this.#recordHook(hook, side, id);
    for (const call of calls) this.recordCall(call, id);
  }

  undone({ stage, begin, end, failure }: StageRun): void {
    this.#recorder.span(`undo ${stage.name}`, { start: begin, end, error: failure });
  }

  /** What a plugin took within the span `parent`, the command's when absent. */
  recordCall({ plugin, call, begin, end, error }: PluginCall, parent?: string): void {
    this.#recorder.span(`plugin ${plugin}`, {
      ...{ start: begin, end, parent, error },
      side: call.startsWith('inContainer') ? 'container' : 'runtime',
      attributes: { [PLUGIN_NAME]: plugin, [PLUGIN_CALL]: call },
    });
  }

  #recordHook(
    { name, path, spanId, begin, end, error }: HookRun,
    side: Stage['side'],
    parent: string,
  ): void {
    this.#recorder.span(`hook ${name}`, {
      ...{ start: begin, end, spanId, parent, side, error },
      attributes: { [PROCESS_EXECUTABLE_PATH]: path },
    });
  }
}

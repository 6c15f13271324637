import { eventName } from '../bus/event-names.ts';
import { Interval, type StageAfterEvent } from '../bus/events.ts';
import type { AskedPhase, StageQuestion } from '../bus/questions.ts';
import { loadSpec } from '../config/load.ts';
import type { CommandContext, ReadContext, RuntimeContext } from '../context/context.ts';
import type { Stage } from '../context/stage.ts';
import { type FailureReport, reportFailure, StageError } from '../errors/stage-error.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';

type NamedStage = Pick<Stage, 'name' | 'side'>;

/** Emits one container's stages on the bus, and asks the interceptors about them. */
export class StageEvents {
  readonly #ctx: CommandContext & Partial<RuntimeContext & ReadContext>;

  constructor(ctx: CommandContext) {
    this.#ctx = ctx;
  }

  before({ name, side }: Stage): void {
    const { bus, id } = this.#ctx;
    bus.before({ id, stage: name, side, startTime: Date.now() });
  }

  /** Emits the mounts, hooks and plugin functions of the stage first. */
  after(stage: NamedStage, begin: bigint, end: bigint, error?: FailureReport): void {
    const { bus, hookRuns, mountRuns, pluginCalls } = this.#ctx;
    for (const run of mountRuns.splice(0)) bus.emit('mount:made', run);
    for (const run of hookRuns.splice(0)) bus.emit('hook:ran', run);
    for (const call of pluginCalls.splice(0)) bus.emit('plugin:called', call);
    const event = this.#ran(stage, begin, end);
    if (error === undefined) bus.after(event);
    else bus.error({ ...event, error });
  }

  undone(stage: Stage, begin: bigint, end: bigint, error?: FailureReport): void {
    this.#ctx.bus.emit('stage:undone', { ...this.#ran(stage, begin, end), error });
  }

  /** Asks the interceptors. One that throws vetoes the stage. */
  async ask(phase: AskedPhase, stage: Stage): Promise<void> {
    const { bus } = this.#ctx;
    const question = eventName(stage.name, phase);
    if (bus.hasInterceptors(question)) await bus.ask(question, this.#question(stage));
  }

  /** As ask, for a stage of init that is under way: a veto ends it as failed. */
  async askOrFail(phase: AskedPhase, stage: Stage): Promise<void> {
    const begin = monotonicNs();
    try {
      await this.ask(phase, stage);
    } catch (error) {
      throw this.failed(stage, begin, error);
    }
  }

  /** Emits that init's stage has failed. Returns the error to throw. */
  failed(stage: NamedStage, begin: bigint, error: unknown, end = monotonicNs()) {
    this.after(stage, begin, end, reportFailure(error));
    return new StageError(stage.name, error);
  }

  #ran({ name, side }: NamedStage, begin: bigint, end: bigint): StageAfterEvent {
    const interval = new Interval(begin, end);
    const startTime = Date.now() - Number(monotonicNs() - begin) / 1e6;
    const { id } = this.#ctx;
    return { id, stage: name, side, startTime, duration: interval.milliseconds, interval };
  }

  #question({ name, side }: Stage): StageQuestion {
    const { id, container, init, stageTraceEnvironment } = this.#ctx;
    const { record = container?.record, spec } = this.#ctx;
    return {
      id,
      stage: name,
      side,
      bundle: this.#ctx.bundle ?? record?.bundle ?? '',
      rootfs: this.#ctx.rootfs ?? record?.rootfs ?? '',
      // A command that makes no process reads the configuration only for interceptors.
      spec: spec ?? (container ? loadSpec(container.stateDir) : { ociVersion: '' }),
      pid: (init?.pid ?? record?.initPid) || undefined,
      traceEnvironment: stageTraceEnvironment(),
    };
  }
}

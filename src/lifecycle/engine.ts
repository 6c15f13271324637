import { type FailureReport, reportFailure, StageError } from '../errors/stage-error.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import type { CommandContext, RuntimeContext } from './context.ts';
import { InitEnded } from './init-ended.ts';
import { InitTurns } from './init-turns.ts';
import { SharedWalk } from './shared-walk.ts';
import type { ContainerStage, RuntimeStage, Stage } from './stage.ts';
import { StageEvents } from './stage-events.ts';
import { UndoStack } from './undo-stack.ts';

/**
 * Runs lists of stages: the runtime's here, the container's in init. When a stage fails, it undoes
 * the stages before.
 */
export class Engine<Ctx extends CommandContext = RuntimeContext> {
  readonly #ctx: RuntimeContext;
  readonly #events: StageEvents;
  readonly #turns: InitTurns;
  readonly #undo: UndoStack;

  constructor(ctx: Ctx) {
    // Lists that make no process have a smaller context, and no stage that reads more of it.
    this.#ctx = ctx as unknown as RuntimeContext;
    this.#events = new StageEvents(ctx);
    this.#turns = new InitTurns(this.#ctx, this.#events);
    this.#undo = new UndoStack(this.#events);
  }

  /** Runs the stages that apply, in order. When one fails, undoes all so far, of all lists. */
  async run(list: readonly Stage<Ctx>[]): Promise<void> {
    const stages = list as unknown as readonly Stage[];
    try {
      for (let i = 0; i < stages.length; ) {
        i += await this.#runNext(stages[i]!, stages.slice(i));
        await this.#ctx.eventLoop?.turn();
      }
    } catch (error) {
      throw await this.#undo.unwind(error);
    }
  }

  /** Undoes the stages so far, for a failure between two lists. Returns the error to throw. */
  abandon(cause: unknown): Promise<unknown> {
    return this.#undo.unwind(cause);
  }

  /** Runs the first of `stages`. Returns the number of stages that are done. */
  async #runNext(stage: Stage, stages: readonly Stage[]): Promise<number> {
    if (stage.applies && !stage.applies(this.#ctx)) return 1;
    if (stage.side === 'runtime') await this.#runHere(stage);
    else if (this.#ctx.sharing) return this.#runInInit(stage, stages);
    else await this.#turns.follow(stage, stages);
    return 1;
  }

  /**
   * Runs the first of `stages` in an init that shares this process's memory, and the following ones
   * as long as nothing must be told in between. Returns the number of stages that are done. An init
   * that has become a trampoline goes on by itself.
   */
  async #runInInit(first: ContainerStage, stages: readonly Stage[]): Promise<number> {
    const events = this.#events;
    const { sharing, bus } = this.#ctx;
    const followed = bus.needsRuntimeAt(first.name);
    const start = monotonicNs();
    const walk = new SharedWalk(this.#ctx, (stage) => !followed && !bus.needsRuntimeAt(stage.name));
    // A trampoline reports its stages itself.
    if (followed && !walk.leavesAt(first)) {
      events.before(first);
      await events.askOrFail('before', first);
    }
    const alive = this.#walkOrFail(walk, first, stages);
    for (const { stage, begin, end, error, hooks } of walk.ran) {
      this.#ctx.hookRuns.push(...hooks);
      const failure = error === undefined ? undefined : reportFailure(error);
      if (followed && !failure) await events.askOrFail('after', stage);
      events.after(stage, begin, end, failure);
      if (failure) throw new StageError(stage.name, failure, error);
    }
    if (!alive) throw events.failed(first, start, new InitEnded(this.#ctx));
    if (!sharing!.init.shares) {
      this.#ctx.sharing = undefined;
      this.#turns.leave();
    }
    return walk.done;
  }

  /** Walks the stages. If init cannot be given the turn, the stage `first` fails. */
  #walkOrFail(walk: SharedWalk, first: ContainerStage, stages: readonly Stage[]): boolean {
    const begin = monotonicNs();
    try {
      return walk.run(stages);
    } catch (error) {
      throw this.#events.failed(first, begin, error);
    }
  }

  async #runHere(stage: RuntimeStage): Promise<void> {
    await this.#turns.take(stage);
    this.#events.before(stage);
    const begin = monotonicNs();
    let failure: FailureReport | undefined;
    try {
      await this.#events.ask('before', stage);
      await stage.run(this.#ctx, this.#undo.of(stage));
      await this.#events.ask('after', stage);
    } catch (error) {
      failure = reportFailure(error);
      throw stage.unprefixed ? error : new StageError(stage.name, failure, error);
    } finally {
      this.#events.after(stage, begin, monotonicNs(), failure);
    }
  }
}

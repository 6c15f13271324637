import type { CommandContext, CreatedContext } from '../context/context.ts';
import type { RuntimeStage, Stage } from '../context/stage.ts';
import { type FailureReport, reportFailure, StageError } from '../errors/stage-error.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import { InitTurns } from './init-turns.ts';
import type { After } from './phases.ts';
import { StageEvents } from './stage-events.ts';
import { UndoStack } from './undo-stack.ts';

/**
 * Runs lists of stages: the runtime's here, the container's in init. When a stage fails, it undoes
 * the stages before.
 */
export class Engine {
  readonly #ctx: CreatedContext;
  readonly #events: StageEvents;
  readonly #turns: InitTurns;
  readonly #undo: UndoStack;

  constructor(ctx: CommandContext) {
    // The fields that are not there yet are of use only to stages after those that add them: After.
    this.#ctx = ctx as CreatedContext;
    this.#events = new StageEvents(ctx);
    this.#turns = new InitTurns(this.#ctx, this.#events);
    this.#undo = new UndoStack(this.#events);
  }

  /**
   * Runs the stages that apply, in order. When one fails, undoes all so far, of all lists. `ctx` is
   * the engine's context, with the type that it has by now. Returns it with the type that it has
   * then.
   */
  async run<Ctx extends CommandContext, List extends readonly unknown[]>(
    ctx: Ctx,
    list: List,
  ): Promise<After<Ctx, List>> {
    const stages = list as readonly unknown[] as readonly Stage[];
    try {
      for (const [i, stage] of stages.entries()) {
        if (stage.applies && !stage.applies(this.#ctx)) continue;
        if (stage.side === 'runtime') await this.#runHere(stage);
        else await this.#turns.follow(stage, stages.slice(i));
        await this.#ctx.eventLoop?.turn();
      }
    } catch (error) {
      throw await this.#undo.unwind(error);
    }
    return ctx as unknown as After<Ctx, List>;
  }

  /** Undoes the stages so far, for a failure between two lists. Returns the error to throw. */
  abandon(cause: unknown): Promise<unknown> {
    return this.#undo.unwind(cause);
  }

  async #runHere(stage: RuntimeStage): Promise<void> {
    await this.#turns.take(stage);
    this.#events.before(stage);
    const begin = monotonicNs();
    let failure: FailureReport | undefined;
    try {
      await this.#events.ask('before', stage);
      Object.assign(this.#ctx, await this.#work(stage));
      await this.#events.ask('after', stage);
    } catch (error) {
      failure = reportFailure(error);
      throw stage.unprefixed ? error : new StageError(stage.name, error);
    } finally {
      this.#events.after(stage, begin, monotonicNs(), failure);
    }
  }

  async #work(stage: RuntimeStage): Promise<unknown> {
    const ctx: { atEnd?: DisposableStack } = this.#ctx;
    const { atEnd } = ctx;
    if (atEnd) ctx.atEnd = this.#undo.hold(atEnd);
    try {
      return await stage.run(this.#ctx, this.#undo.of(stage));
    } finally {
      if (atEnd) ctx.atEnd = atEnd;
    }
  }
}

/** Runs one list of stages. */
export const runStages = <Ctx extends CommandContext, List extends readonly unknown[]>(
  ctx: Ctx,
  list: List,
): Promise<After<Ctx, List>> => new Engine(ctx).run(ctx, list);

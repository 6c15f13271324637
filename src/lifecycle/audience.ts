import { type FailureReport, reportFailure, StageError } from '../errors/stage-error.ts';
import type { RuntimeContext } from './context.ts';
import type { Moment } from './extensions.ts';
import type { StageRun, Watch } from './observer.ts';
import type { Stage } from './stage.ts';

/** Who is told of the stages that a command runs, and who is asked about them. */
export class Audience {
  readonly #ctx: RuntimeContext;
  readonly #watch: Watch;

  constructor(ctx: RuntimeContext, watch: Watch) {
    this.#ctx = ctx;
    this.#watch = watch;
  }

  /** True where somebody is to be told of a stage, or asked, in the runtime's own process. */
  watches({ name }: Stage): boolean {
    const { intercept, interceptAfter } = this.#ctx.watched;
    if (intercept.has(name) || interceptAfter.has(name)) return true;
    return this.#watch.observers.some((observer) => observer.acts());
  }

  before(stage: Stage): void {
    for (const observer of this.#watch.observers) observer.before(stage);
  }

  after(stage: Stage, begin: bigint, end: bigint, failure?: FailureReport): void {
    const calls = this.#ctx.extensions?.calls.splice(0);
    const hooks = this.#ctx.hookRuns.splice(0);
    for (const observer of this.#watch.observers) {
      observer.after({ stage, begin, end, failure, calls, hooks });
    }
  }

  undone(run: StageRun): void {
    for (const observer of this.#watch.observers) observer.undone?.(run);
  }

  /** Gives whoever wants it a say; whoever throws vetoes the stage. */
  async ask(moment: Moment, stage: Stage): Promise<void> {
    if (moment === 'before') {
      for (const interceptor of this.#watch.interceptors.get(stage.name) ?? []) {
        await interceptor(stage);
      }
    }
    const { inRuntime } = this.#ctx.extensions ?? {};
    for (const call of inRuntime?.[moment].get(stage.name) ?? []) await call.run(stage, this.#ctx);
  }

  /** The same in the middle of init's stage, which only a refusal ends. */
  async askOrFail(moment: Moment, stage: Stage): Promise<void> {
    const begin = process.hrtime.bigint();
    try {
      await this.ask(moment, stage);
    } catch (error) {
      throw this.failed(stage, begin, error);
    }
  }

  /** Tells of what the runtime found to have failed in init's stage; gives the error to throw. */
  failed(stage: Stage, begin: bigint, error: unknown): StageError {
    const failure = reportFailure(error);
    this.after(stage, begin, process.hrtime.bigint(), failure);
    return new StageError(stage.name, failure, error);
  }
}

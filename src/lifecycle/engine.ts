import { RuntimeError } from '../errors/runtime-error.ts';
import { type FailureReport, reportFailure, StageError } from '../errors/stage-error.ts';
import { failedWith } from '../errors/syscall-error.ts';
import type { ExecFailure } from '../process/channel/channel.ts';
import type { CallMessage, FailureMessage, Message } from '../process/channel/protocol.ts';
import { passListener } from '../process/seccomp/pass-listener.ts';
import { describeExecFailure } from '../process/trampoline/exec-failure.ts';
import { endedAsTrampoline } from '../process/trampoline/trampoline-name.ts';
import type { RuntimeContext } from './context.ts';
import type { Moment } from './extensions.ts';
import { InitEnded } from './init-ended.ts';
import { InitsWork } from './inits-work.ts';
import type { Watch } from './observer.ts';
import { SharedWalk } from './shared-walk.ts';
import type { ContainerStage, RuntimeStage, Stage } from './stage.ts';

/**
 * Runs lists of stages in the runtime, in turns with init (process/channel/protocol.ts), and takes
 * back what was done when one fails.
 */
export class Engine {
  readonly #ctx: RuntimeContext;
  readonly #watch: Watch;
  readonly #done: RuntimeStage[] = [];
  #initsTurn = false;

  constructor(ctx: RuntimeContext, watch: Watch) {
    this.#ctx = ctx;
    this.#watch = watch;
  }

  /** Runs the stages that apply, in order; the first to fail undoes the runtime's, also of earlier lists. */
  async run(stages: readonly Stage[]): Promise<void> {
    try {
      for (let i = 0; i < stages.length; ) {
        const stage = stages[i]!;
        if (stage.applies && !stage.applies(this.#ctx)) i++;
        else if (this.#ctx.sharing && stage.side === 'container') {
          i += await this.#runInInit(stage, stages.slice(i));
        } else {
          await this.#runOrFollow(stage, stages);
          i++;
        }
      }
    } catch (error) {
      throw this.#unwind(error);
    }
  }

  /** Undoes what was done, for a failure between two lists; gives the error to throw. */
  abandon(cause: unknown): unknown {
    return this.#unwind(cause);
  }

  async #runOrFollow(stage: Stage, stages: readonly Stage[]): Promise<void> {
    if (stage.side === 'runtime') return this.#runHere(stage);
    if (stage.takesTurn) await this.#askEarly(stage, stages);
    await this.#followInit(stage);
  }

  /**
   * Runs the first of `stages`, and those after it that nobody has to be told of in between, in an
   * init that shares this process's memory. The number of stages that are done with; an init that has
   * become a trampoline goes on by itself.
   */
  async #runInInit(first: ContainerStage, stages: readonly Stage[]): Promise<number> {
    const { sharing } = this.#ctx;
    const watched = this.#isWatched(first);
    const start = now();
    const walk = new SharedWalk(this.#ctx, (stage) => !watched && !this.#isWatched(stage));
    // A trampoline tells of its stages itself.
    if (watched && !walk.leavesAt(first)) {
      this.#before(first);
      await this.#askOrFail('before', first);
    }
    const alive = walk.run(stages);
    for (const { stage, begin, end, error, hooks } of walk.ran) {
      this.#ctx.hookRuns.push(...hooks);
      const failure = error === undefined ? undefined : reportFailure(error);
      if (watched && !failure) await this.#askOrFail('after', stage);
      this.#after(stage, begin, end, failure);
      if (failure) throw new StageError(stage.name, failure, error);
    }
    if (!alive) throw this.#fail(first, start, new InitEnded(this.#ctx));
    if (!sharing!.init.shares) {
      this.#ctx.sharing = undefined;
      this.#initsTurn = true;
    }
    return walk.done;
  }

  /** True where somebody is to be told, or asked, in the runtime's own process. */
  #isWatched({ name }: Stage): boolean {
    const { intercept, interceptAfter } = this.#ctx.watched;
    if (intercept.has(name) || interceptAfter.has(name)) return true;
    return this.#watch.observers.some((observer) => observer.acts());
  }

  async #runHere(stage: RuntimeStage): Promise<void> {
    if (this.#initsTurn) await this.#takeTurn(stage);
    this.#before(stage);
    const begin = now();
    let failure: FailureReport | undefined;
    try {
      await this.#ask('before', stage);
      // A stage that fails half-way undoes its own half: `undo` copes with what is not there.
      this.#done.push(stage);
      await stage.run(this.#ctx);
      await this.#ask('after', stage);
    } catch (error) {
      failure = reportFailure(error);
      throw new StageError(stage.name, failure, error);
    } finally {
      this.#after(stage, begin, now(), failure);
    }
  }

  /** Waits until init has run `stage`, giving it the turn first where need be. */
  async #followInit(stage: ContainerStage): Promise<void> {
    const start = now();
    if (!this.#initsTurn) {
      // init cannot tell of a stage that begins with its turn.
      if (stage.takesTurn) this.#before(stage);
      this.#send({ type: 'turn' });
      this.#initsTurn = true;
    }
    for (const work = new InitsWork(this.#ctx); ; ) {
      const message = this.#receive(stage, start);
      if (message === undefined) {
        const error = new InitEnded(this.#ctx, work.call);
        work.end(reportFailure(error));
        throw this.#fail(stage, start, error);
      }
      if (message.type === 'exec-failure') throw this.#failedToExec(stage, start, message);
      work.hear(message);
      if (message.type === 'failure') throw this.#failed(message);
      if (message.type === 'before') {
        this.#before(stage);
        if (message.asks) await this.#consent('before', stage, true);
      }
      if (message.type === 'call' && !this.#channel.readable(message.timeout)) {
        const failure = timedOut(message, stage);
        work.hear(failure);
        throw this.#failed(failure);
      }
      if (message.type === 'stage') {
        await this.#consent('after', stage, message.asks);
        this.#after(stage, timeOf(message.begin, start), timeOf(message.end));
        return;
      }
      if (message.type === 'exec') {
        this.#awaitExec(stage, timeOf(message.begin));
        return;
      }
    }
  }

  /** Close-on-exec ends the connection when the program runs. */
  #awaitExec(stage: ContainerStage, begin: bigint): void {
    const message = this.#receive(stage, begin);
    const end = now();
    if (message === undefined) {
      if (endedAsTrampoline(this.#pid)) throw this.#fail(stage, begin, new InitEnded(this.#ctx));
      // There is no init any more to give the turn back.
      this.#initsTurn = false;
      this.#after(stage, begin, end);
      return;
    }
    if (message.type === 'failure') throw this.#failed(message);
    if (message.type === 'exec-failure') throw this.#failedToExec(stage, begin, message);
    throw this.#fail(stage, begin, new Error(`unexpected ${message.type} message`));
  }

  get #pid(): number {
    return this.#ctx.init?.pid ?? this.#ctx.record.initPid;
  }

  /** An init that waits goes on only when nobody objects. */
  async #consent(moment: Moment, stage: Stage, waits = false): Promise<void> {
    await this.#askOrFail(moment, stage);
    if (waits) this.#send({ type: 'proceed' });
  }

  /**
   * An init that waits for its start never asks about that, nor about what nobody had a say in when
   * it was created: then it is now or never.
   */
  async #askEarly(start: Stage, stages: readonly Stage[]): Promise<void> {
    const asked = new Set(this.#ctx.record.asks);
    for (const stage of stages) {
      const early = stage === start || (stage.side === 'container' && !asked.has(stage.name));
      if (!early || !this.#ctx.watched.intercept.has(stage.name)) continue;
      if (!stage.applies || stage.applies(this.#ctx)) await this.#askOrFail('before', stage);
    }
  }

  /** In the middle of init's stage: only a refusal ends it. */
  async #askOrFail(moment: Moment, stage: Stage): Promise<void> {
    const begin = now();
    try {
      await this.#ask(moment, stage);
    } catch (error) {
      throw this.#fail(stage, begin, error);
    }
  }

  async #takeTurn(next: Stage): Promise<void> {
    const message = this.#receive(next, now());
    if (message?.type === 'failure') throw this.#failed(message);
    if (message?.type !== 'turn') throw new InitEnded(this.#ctx);
    this.#initsTurn = false;
  }

  /** What init says of its failure. */
  #failed({ stage: name, begin, end, failure }: FailureMessage): StageError {
    const stage = { name, summary: '', side: 'container', run: () => {} } as const;
    this.#after(stage, BigInt(begin), BigInt(end), failure);
    return new StageError(name, failure);
  }

  #failedToExec(stage: Stage, begin: bigint, failure: ExecFailure): StageError {
    return this.#fail(stage, begin, describeExecFailure(failure, this.#ctx));
  }

  /** Tells of what the runtime found to have failed in init's stage. */
  #fail(stage: Stage, begin: bigint, error: unknown): StageError {
    const failure = reportFailure(error);
    this.#after(stage, begin, now(), failure);
    return new StageError(stage.name, failure, error);
  }

  /** That an init which is gone could not be told is no failure of its own: its end is heard next. */
  #send(message: Message): void {
    try {
      this.#channel.send(message);
    } catch (error) {
      if (!failedWith(error, 'EPIPE', 'ECONNRESET')) throw error;
    }
  }

  /** The next message that is the engine's; a seccomp listener goes to its agent at once. */
  #receive(stage: Stage, begin: bigint): Message | ExecFailure | undefined {
    for (;;) {
      const message = this.#channel.receive();
      if (message?.type !== 'seccomp-listener') return message;
      const status = this.#ctx.record.initPid === 0 ? 'creating' : 'running';
      try {
        passListener(this.#ctx, message.fd, status);
      } catch (error) {
        throw this.#fail(stage, begin, error);
      }
    }
  }

  get #channel() {
    if (!this.#ctx.channel) throw new Error('no init to talk to');
    return this.#ctx.channel;
  }

  #before(stage: Stage): void {
    for (const observer of this.#watch.observers) observer.before(stage);
  }

  /** Gives whoever wants it a say; whoever throws vetoes the stage. */
  async #ask(moment: Moment, stage: Stage): Promise<void> {
    if (moment === 'before') {
      for (const interceptor of this.#watch.interceptors.get(stage.name) ?? []) {
        await interceptor(stage);
      }
    }
    const { inRuntime } = this.#ctx.extensions ?? {};
    for (const call of inRuntime?.[moment].get(stage.name) ?? []) await call.run(stage, this.#ctx);
  }

  #after(stage: Stage, begin: bigint, end: bigint, failure?: FailureReport): void {
    const calls = this.#ctx.extensions?.calls.splice(0);
    const hooks = this.#ctx.hookRuns.splice(0);
    for (const observer of this.#watch.observers) {
      observer.after({ stage, begin, end, failure, calls, hooks });
    }
  }

  /** Undoes in reverse, keeps going when an undo fails, and reports all of it. */
  #unwind(cause: unknown): unknown {
    const failures: string[] = [];
    for (const stage of this.#done.splice(0).reverse()) {
      const failure = this.#undo(stage);
      if (failure) failures.push(`undo ${stage.name}: ${failure.message}`);
    }
    if (failures.length === 0) return cause;
    const { message } = reportFailure(cause);
    return new RuntimeError(`${message}; then ${failures.join('; ')}`, undefined, { cause });
  }

  /** Gives the failure, where it cannot be undone. */
  #undo(stage: RuntimeStage): FailureReport | undefined {
    if (!stage.undo) return undefined;
    const begin = now();
    let failure: FailureReport | undefined;
    try {
      stage.undo(this.#ctx);
    } catch (error) {
      failure = reportFailure(error);
    }
    const run = { stage, begin, end: now(), failure };
    for (const observer of this.#watch.observers) observer.undone?.(run);
    return failure;
  }
}

/** What init would say of a function that does not end. */
function timedOut({ plugin, call, timeout, begin }: CallMessage, { name }: Stage): FailureMessage {
  const message = `plugin ${plugin}: ${call} ${name}: no answer within ${timeout} ms`;
  return { type: 'failure', stage: name, begin, end: String(now()), failure: { message } };
}

const now = (): bigint => process.hrtime.bigint();

/** A time of init's, or what stands in for one that it could not tell. */
const timeOf = (time: string | undefined, otherwise = now()): bigint =>
  time === undefined ? otherwise : BigInt(time);

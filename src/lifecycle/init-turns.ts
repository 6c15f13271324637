import { PLUGIN_TIMEOUT_HINT } from '../errors/hints/plugin-timeout.ts';
import { reportFailure, StageError } from '../errors/stage-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import type { Channel, ExecFailure } from '../init/channel/channel.ts';
import type { CallMessage, FailureMessage, Message } from '../init/channel/protocol.ts';
import { adoptChild } from '../init/fork/adopt-child.ts';
import { describeExecFailure, explanation, isOfProgram } from '../init/trampoline/exec-failure.ts';
import { endedAsTrampoline } from '../init/trampoline/trampoline-name.ts';
import { passListener } from '../seccomp/pass-listener.ts';
import { FairDeadline } from '../syscalls/time/fair-deadline.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import { awaitInitMessage } from './await-init-message.ts';
import type { RuntimeContext } from './context.ts';
import { InitEnded } from './init-ended.ts';
import { InitReports } from './init-reports.ts';
import type { ContainerStage, Stage } from './stage.ts';
import type { Moment, StageEvents } from './stage-events.ts';

/** The runtime's side of walking a list in turns with init: see the protocol of the channel. */
export class InitTurns {
  readonly #ctx: RuntimeContext;
  readonly #events: StageEvents;
  #initsTurn = false;
  /** A seccomp listener's fd in init, until init's child is born. */
  #listener: number | undefined;

  constructor(ctx: RuntimeContext, events: StageEvents) {
    this.#ctx = ctx;
    this.#events = events;
  }

  /** init has the turn and goes on by itself, as a trampoline. */
  leave(): void {
    this.#initsTurn = true;
  }

  /** Waits until init gives the turn back, if it has the turn, before the runtime runs `next`. */
  async take(next: Stage): Promise<void> {
    if (!this.#initsTurn) return;
    const message = await this.#receive(next, monotonicNs());
    if (message?.type === 'failure') throw this.#failed(message);
    if (message?.type !== 'turn') throw new InitEnded(this.#ctx);
    this.#initsTurn = false;
  }

  /** Waits until init has run `stage`, one of `stages`. Gives init the turn first if needed. */
  async follow(stage: ContainerStage, stages: readonly Stage[]): Promise<void> {
    if (stage.takesTurn) await this.#askEarly(stage, stages);
    const start = monotonicNs();
    this.#give(stage);
    const work = new InitReports(this.#ctx);
    for (;;) {
      const message = await this.#receive(stage, start);
      if (message === undefined) {
        const error = new InitEnded(this.#ctx, work.call);
        work.end(reportFailure(error));
        throw this.#events.failed(stage, start, error);
      }
      if (message.type === 'exec-failure') return this.#failedToExec(stage, start, message);
      work.hear(message);
      if (message.type === 'failure') throw this.#failed(message);
      if (message.type === 'call') await this.#awaitCall(message, stage, work);
      if (message.type === 'before') {
        this.#events.before(stage);
        if (message.asks) await this.#consent('before', stage, true);
      }
      if (message.type === 'stage') {
        await this.#consent('after', stage, message.asks);
        this.#events.after(stage, timeOf(message.begin, start), timeOf(message.end));
        return;
      }
      if (message.type === 'exec') return this.#awaitExec(stage, timeOf(message.begin));
    }
  }

  #give(stage: ContainerStage): void {
    if (this.#initsTurn) return;
    // init cannot announce a stage that begins with its turn.
    if (stage.takesTurn) this.#events.before(stage);
    this.#send({ type: 'turn' });
    this.#initsTurn = true;
    if (stage.takesTurn) this.#ctx.released = true;
  }

  /** Waits for a plugin's function in init, until its timeout. */
  async #awaitCall(message: CallMessage, stage: ContainerStage, work: InitReports): Promise<void> {
    const { eventLoop, init } = this.#ctx;
    const deadline = new FairDeadline(message.timeout, init?.pid);
    for (let left = message.timeout; left > 0; left = deadline.remaining()) {
      await eventLoop?.readable(this.#channel.fd, left);
      if (this.#channel.readable(eventLoop ? 0 : left)) return;
    }
    const failure = timedOut(message, stage);
    work.hear(failure);
    throw this.#failed(failure);
  }

  /** Waits for execve(2): when the program starts, close-on-exec closes the connection. */
  async #awaitExec(stage: ContainerStage, begin: bigint): Promise<void> {
    const message = await this.#receive(stage, begin);
    const end = monotonicNs();
    if (message === undefined) {
      // No init is left to give the turn back.
      this.#initsTurn = false;
      const pid = this.#ctx.init?.pid ?? this.#ctx.record.initPid;
      if (!endedAsTrampoline(pid)) return this.#events.after(stage, begin, end);
      const error = this.#events.failed(stage, begin, new InitEnded(this.#ctx));
      if (!this.#ctx.detached) throw error;
      this.#ctx.execFailure = error;
      return;
    }
    if (message.type === 'failure') throw this.#failed(message);
    if (message.type === 'exec-failure') return this.#failedToExec(stage, begin, message);
    const error = new Error(`unexpected ${message.type} message`);
    throw this.#events.failed(stage, begin, error);
  }

  /** Asks the interceptors, and lets a waiting init go on when none objects. */
  async #consent(moment: Moment, stage: Stage, waits = false): Promise<void> {
    await this.#events.askOrFail(moment, stage);
    if (waits) this.#send({ type: 'proceed' });
  }

  /**
   * Asks early. An init that waits for its start never asks about startWait, nor about stages that
   * had no interceptors when it was created.
   */
  async #askEarly(start: Stage, stages: readonly Stage[]): Promise<void> {
    const asked = new Set(this.#ctx.record.interceptedStages);
    for (const stage of stages) {
      const early = stage === start || (stage.side === 'container' && !asked.has(stage.name));
      if (!early || !this.#ctx.bus.isAsked(`${stage.name}:before`)) continue;
      if (!stage.applies || stage.applies(this.#ctx)) {
        await this.#events.askOrFail('before', stage);
      }
    }
  }

  /** The error for a failure that init reported. */
  #failed({ stage: name, begin, end, failure }: FailureMessage): StageError {
    const stage = { name, summary: '', side: 'container', run: () => {} } as const;
    this.#events.after(stage, BigInt(begin), BigInt(end), failure);
    return new StageError(name, failure);
  }

  /** Throws why the program could not be executed, unless that is the program's own failure. */
  async #failedToExec(stage: ContainerStage, begin: bigint, report: ExecFailure): Promise<void> {
    const ctx = this.#ctx;
    const error = this.#events.failed(stage, begin, describeExecFailure(report, stage, ctx));
    if (!ctx.detached || !isOfProgram(report, stage, ctx.spec)) throw error;
    ctx.execFailure = error;
    this.#initsTurn = false;
    const { hintOf } = await import('../errors/hints/hint-of.ts');
    this.#tell(explanation(error, hintOf(error)));
  }

  #send(message: Message): void {
    this.#whileThere(() => this.#channel.send(message));
  }

  /** Sends init a text, which it writes to the container's stderr before it ends. */
  #tell(text: string): void {
    this.#whileThere(() => this.#channel.sendText(text));
  }

  /** A send to an init that has ended is not an error: the next receive finds the end. */
  #whileThere(send: () => void): void {
    try {
      send();
    } catch (error) {
      if (!hasErrno(error, 'EPIPE', 'ECONNRESET')) throw error;
    }
  }

  /**
   * Receives the next message for the engine. Handles a seccomp listener and a new child itself.
   */
  async #receive(stage: Stage, begin: bigint): Promise<Message | ExecFailure | undefined> {
    for (;;) {
      if (this.#ctx.expectedChild) {
        if (!(await awaitInitMessage(this.#ctx))) return undefined;
      } else await this.#ctx.eventLoop?.readable(this.#channel.fd, -1);
      const message = this.#channel.receive();
      if (message?.type === 'born') {
        adoptChild(this.#ctx, message.pid);
        if (this.#listener !== undefined) this.#passListener(this.#listener, stage, begin);
      } else if (message?.type === 'seccomp-listener') {
        // The agent must be told the pid of the process that the program will be.
        if (this.#ctx.expectedChild) this.#listener = message.fd;
        else this.#passListener(message.fd, stage, begin);
      } else return message;
      this.#send({ type: 'proceed' });
    }
  }

  #passListener(fd: number, stage: Stage, begin: bigint): void {
    const status = this.#ctx.record.initPid === 0 ? 'creating' : 'running';
    try {
      passListener(this.#ctx, fd, status);
    } catch (error) {
      throw this.#events.failed(stage, begin, error);
    }
  }

  get #channel(): Channel {
    if (!this.#ctx.channel) throw new Error('no init to talk to');
    return this.#ctx.channel;
  }
}

/** The failure of a function that does not return, which init cannot report itself. */
function timedOut({ plugin, call, timeout, begin }: CallMessage, { name }: Stage): FailureMessage {
  const message = `plugin ${plugin}: ${call} ${name}: no answer within ${timeout} ms`;
  const failure = { message, hint: PLUGIN_TIMEOUT_HINT };
  return { type: 'failure', stage: name, begin, end: String(monotonicNs()), failure };
}

/** A time that init reported, or `otherwise` if it could not. */
const timeOf = (time: string | undefined, otherwise = monotonicNs()): bigint =>
  time === undefined ? otherwise : BigInt(time);

import type { AskedPhase } from '../bus/questions.ts';
import type { RuntimeContext } from '../context/context.ts';
import type { ContainerStage, Stage } from '../context/stage.ts';
import { PLUGIN_TIMEOUT_HINT } from '../errors/hints/plugin-timeout.ts';
import type { StageError } from '../errors/stage-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { withHint } from '../errors/with-hint.ts';
import type { RuntimeChannel } from '../init/channel/channel.ts';
import type {
  CallMessage,
  ExecFailure,
  FailureMessage,
  InitMessage,
  RuntimeMessage,
} from '../init/channel/protocol.ts';
import { adoptChild } from '../init/fork/adopt-child.ts';
import { describeExecFailure, explanation, isOfProgram } from '../init/trampoline/exec-failure.ts';
import { endedAsTrampoline } from '../init/trampoline/trampoline-name.ts';
import { passListener } from '../seccomp/pass-listener.ts';
import { FairDeadline } from '../syscalls/time/fair-deadline.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import { awaitInitMessage } from './await-init-message.ts';
import { InitEnded } from './init-ended.ts';
import { InitReports } from './init-reports.ts';
import type { StageEvents } from './stage-events.ts';

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
    let begin = monotonicNs();
    this.#give(stage);
    const reports = new InitReports(this.#ctx);
    let executes = false;
    for (;;) {
      const message = await this.#receive(stage, begin);
      if (message === undefined) {
        return executes ? this.#executed(stage, begin) : this.#ended(stage, begin, reports);
      }
      if (message.type === 'exec-failure') return this.#failedToExec(stage, begin, message);
      reports.hear(message);
      switch (message.type) {
        case 'call':
          await this.#awaitCall(message, stage, reports);
          break;
        case 'before':
          this.#events.before(stage);
          if (message.asks) await this.#consent('before', stage, true);
          break;
        case 'exec':
          executes = true;
          begin = message.begin ?? monotonicNs();
          break;
        case 'stage':
          await this.#consent('after', stage, message.asks);
          return this.#events.after(stage, message.begin ?? begin, message.end ?? monotonicNs());
        case 'failure':
          throw this.#failed(message);
      }
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
  async #awaitCall(
    message: CallMessage,
    stage: ContainerStage,
    reports: InitReports,
  ): Promise<void> {
    const { eventLoop, init } = this.#ctx;
    const deadline = new FairDeadline(message.timeout, init?.pid);
    for (let left = message.timeout; left > 0; left = deadline.remaining()) {
      await eventLoop?.readable(this.#channel.fd, left);
      if (this.#channel.readable(eventLoop ? 0 : left)) return;
    }
    const failure = timedOut(message, stage);
    reports.hear(failure);
    throw this.#failed(failure);
  }

  /** init has ended in the middle of a stage. */
  #ended(stage: ContainerStage, begin: bigint, reports: InitReports): never {
    const error = new InitEnded(this.#ctx, reports.call);
    reports.end(error);
    throw this.#events.failed(stage, begin, error);
  }

  /** The program runs, as execve(2) has closed the connection; or the trampoline has ended. */
  #executed(stage: ContainerStage, begin: bigint): void {
    const end = monotonicNs();
    // No init is left to give the turn back.
    this.#initsTurn = false;
    const pid = this.#ctx.init?.pid ?? this.#ctx.record.initPid;
    if (!endedAsTrampoline(pid)) {
      this.#events.after(stage, begin, end);
      return;
    }
    const error = this.#events.failed(stage, begin, new InitEnded(this.#ctx));
    if (!this.#ctx.detached) throw error;
    this.#ctx.execFailure = error;
  }

  /** Asks the interceptors, and lets a waiting init go on when none objects. */
  async #consent(phase: AskedPhase, stage: Stage, waits = false): Promise<void> {
    await this.#events.askOrFail(phase, stage);
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
      if (!early || !this.#ctx.bus.hasInterceptors(`${stage.name}:before`)) continue;
      if (!stage.applies || stage.applies(this.#ctx)) {
        await this.#events.askOrFail('before', stage);
      }
    }
  }

  /** The error for a failure that init reported. */
  #failed({ stage: name, begin, end, error }: FailureMessage): StageError {
    return this.#events.failed({ name, side: 'container' }, begin, error, end);
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

  #send(message: RuntimeMessage): void {
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
  async #receive(stage: Stage, begin: bigint): Promise<InitMessage | ExecFailure | undefined> {
    for (;;) {
      this.#orFail(stage, begin, () => this.#channel.proceed());
      if (this.#ctx.expectedChild) {
        if (!(await awaitInitMessage(this.#ctx))) return undefined;
      } else await this.#readable();
      const message = this.#orFail(stage, begin, () => this.#channel.receive());
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

  /** Lets an embedding program's event loop go on until there is a message. */
  async #readable(): Promise<void> {
    const [input] = this.#channel.inputs;
    if (input !== undefined) await this.#ctx.eventLoop?.readable(input, -1);
  }

  /** If init cannot be reached, the stage fails. */
  #orFail<T>(stage: Stage, begin: bigint, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw this.#events.failed(stage, begin, error);
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

  get #channel(): RuntimeChannel {
    if (!this.#ctx.channel) throw new Error('no init to talk to');
    return this.#ctx.channel;
  }
}

/** The failure of a function that does not return, which init cannot report itself. */
function timedOut({ plugin, call, timeout, begin }: CallMessage, { name }: Stage): FailureMessage {
  const silent = new Error(`plugin ${plugin}: ${call} ${name}: no answer within ${timeout} ms`);
  const error = withHint(silent, PLUGIN_TIMEOUT_HINT);
  return { type: 'failure', stage: name, begin, end: monotonicNs(), error };
}

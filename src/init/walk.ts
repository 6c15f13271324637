import type { InitInterceptor, LifecycleBus } from '../bus/bus.ts';
import { eventName } from '../bus/event-names.ts';
import type { AskedPhase } from '../bus/questions.ts';
import type { InitContext } from '../context/init-context.ts';
import type { MountRun } from '../context/mount-run.ts';
import type { ContainerStage, Stage } from '../context/stage.ts';
import type { WalkMessage } from './channel/protocol.ts';
import { needsNoJavaScript } from './stages-of-init.ts';

/** A point of the walk at which init talks to the runtime: it tells something, or waits. */
export type Exchange =
  | { readonly tell: WalkMessage; readonly await?: never }
  | { readonly tell?: never; readonly await: 'turn' | 'proceed' };

/**
 * How a process carries out a walk. {@link Walk} says what is done and told, and in which order; a
 * transport does it:
 *
 * - forked (fork/walk-forked.ts): init is a copy of the runtime. It walks to the end by itself;
 *   every exchange is a packet.
 * - shared (shared/shared-channel.ts): init shares the runtime's memory. The runtime moves its
 *   thread to init to go on with the walk, and back for each exchange that cannot wait.
 * - remote (remote/remote-init.ts): init is the child of a front. A helper that shares the server's
 *   memory walks for it, and passes it a trampoline that repeats what the helper changed of itself.
 * - trampoline (trampoline/compile-walk.ts): every step becomes system calls of a sealed program.
 *
 * To add a transport, write three things:
 *
 * 1. On init's side, an object with these functions, and a loop over {@link Walk.exchanges} that
 *    delivers each exchange.
 * 2. On the runtime's side, what lifecycle/init-turns.ts talks to: a RuntimeChannel, or a class
 *    derived from it. Nothing above that class knows which transport it is.
 * 3. In stages/init/fork-process.ts, the choice of the transport.
 */
export interface Transport {
  /** Runs a stage, without what comes before and after it. */
  run(stage: ContainerStage): void;
  /** What a trampoline cannot do, and does not have. */
  readonly javascript?: JavaScript | undefined;
}

export interface JavaScript {
  /** Calls a plugin's function. */
  call(interceptor: InitInterceptor<InitContext>): void;
  /** Has a trampoline walk the rest of the stages, of which the first began at `begin`. */
  leave(rest: readonly Stage[], begin: bigint): void;
  /** CLOCK_MONOTONIC in nanoseconds. */
  now(): bigint;
  /** The mounts that took long in the stage that has run. They are taken once. */
  takeMounts(): readonly MountRun[];
}

type Exchanges<Result = void> = Generator<Exchange, Result>;

/**
 * The container's side of a list of stages: init runs the container stages, and passes the turn at
 * the runtime's. All of `stages` apply (stages-of-init.ts). A failure is told and ends the walk.
 */
export class Walk {
  readonly #stages: readonly Stage[];
  readonly #bus: LifecycleBus;
  readonly #transport: Transport;
  /** Whether a stage has interceptors inside init. If none has, the walk looks for none. */
  readonly #isExtended: boolean;
  /** The end of the stage before, in the same turn: its report counts as time of the next stage. */
  #ended: bigint | undefined;
  /** True once `davit start` has given the turn. */
  #started = false;

  constructor(stages: readonly Stage[], bus: LifecycleBus, transport: Transport) {
    this.#stages = stages;
    this.#bus = bus;
    this.#transport = transport;
    this.#isExtended = transport.javascript !== undefined && bus.extendsInit;
  }

  /**
   * Runs the stages from one exchange to the next. `begin` is for a walk in which init has the turn
   * at the start: when the first stage began.
   */
  *exchanges(begin?: bigint): Exchanges {
    this.#ended = begin;
    let hasTurn = begin !== undefined;
    for (const [i, stage] of this.#stages.entries()) {
      if (stage.side === 'runtime') {
        if (hasTurn) yield { tell: { type: 'turn' } };
        hasTurn = false;
        this.#ended = undefined;
        continue;
      }
      if (!hasTurn && !stage.takesTurn) yield { await: 'turn' };
      hasTurn = true;
      const rest = this.#stages.slice(i);
      if (this.#leavesAt(stage, rest)) return yield* this.#leave(stage, rest);
      if (!(yield* this.#runStage(stage))) return;
    }
  }

  /** True where a trampoline goes on. */
  #leavesAt(stage: ContainerStage, rest: readonly Stage[]): boolean {
    if (!this.#transport.javascript) return false;
    return stage.needsTrampoline || needsNoJavaScript(this.#bus, rest);
  }

  *#leave(stage: ContainerStage, rest: readonly Stage[]): Exchanges {
    const javascript = this.#transport.javascript!;
    const begin = this.#ended ?? javascript.now();
    // A trampoline cannot call the plugins' functions of the later stages.
    for (const later of this.#isExtended ? rest : []) {
      if (later.side === 'runtime') continue;
      if (!(yield* this.#attempt(later, begin, () => this.#callPlugins(later)))) return;
    }
    yield* this.#attempt(stage, begin, () => {
      javascript.leave(rest, begin);
      return [];
    });
  }

  /** False when the walk ends: after a failure, or at the program. */
  *#runStage(stage: ContainerStage): Exchanges<boolean> {
    const begin = this.#ended ?? this.#now();
    if (stage.takesTurn) this.#started = true;
    else yield* this.#announce(stage);
    if (!(yield* this.#attempt(stage, begin, () => this.#perform(stage, begin)))) return false;
    if (stage.execs) return false;
    this.#ended = this.#now();
    yield* this.#report(stage, begin, this.#ended);
    return true;
  }

  *#announce({ name }: ContainerStage): Exchanges {
    const asks = this.#asks(eventName(name, 'before'));
    if (asks || this.#bus.hasPromptListenerBefore(name))
      yield { tell: { type: 'before', stage: name, asks } };
    if (asks) yield { await: 'proceed' };
  }

  *#perform(stage: ContainerStage, begin: bigint | undefined): Exchanges {
    if (this.#isExtended) yield* this.#callPluginsAt('before', stage);
    if (stage.execs) yield { tell: { type: 'exec', stage: stage.name, begin } };
    this.#transport.run(stage);
    for (const mount of this.#transport.javascript?.takeMounts() ?? [])
      yield { tell: { type: 'mount', ...mount } };
    if (this.#isExtended) yield* this.#callPluginsAt('after', stage);
  }

  /** The wait for `davit start` does not count: the stage begins when `start` arrives. */
  *#report({ name, takesTurn }: ContainerStage, since?: bigint, end?: bigint): Exchanges {
    const begin = takesTurn ? end : since;
    const asks = this.#asks(eventName(name, 'after'));
    yield { tell: { type: 'stage', stage: name, begin, end, asks } };
    if (asks) yield { await: 'proceed' };
  }

  *#callPlugins(stage: ContainerStage): Exchanges {
    yield* this.#callPluginsAt('before', stage);
    if (!stage.execs) yield* this.#callPluginsAt('after', stage);
  }

  /** Tells each call to the runtime, which alone can end a function that does not return. */
  *#callPluginsAt(phase: AskedPhase, { name }: ContainerStage): Exchanges {
    const { javascript } = this.#transport;
    if (!javascript) return;
    for (const interceptor of this.#bus.inContainer(eventName(name, phase))) {
      const { plugin } = interceptor;
      if (plugin) {
        const call = {
          plugin: plugin.name,
          call: `inContainer.${phase}`,
          begin: javascript.now(),
        };
        yield { tell: { type: 'call', ...call, timeout: plugin.timeout } };
      }
      javascript.call(interceptor);
      if (plugin) yield { tell: { type: 'called', end: javascript.now() } };
    }
  }

  /** Takes the steps of `stage`; false when they fail. */
  *#attempt(
    { name }: ContainerStage,
    since: bigint | undefined,
    steps: () => Iterable<Exchange>,
  ): Exchanges<boolean> {
    try {
      yield* steps();
      return true;
    } catch (error) {
      const end = this.#now();
      // A trampoline that cannot be made is a failure of the process that makes it.
      if (end === undefined) throw error;
      yield { tell: { type: 'failure', stage: name, begin: since ?? end, end, error } };
      return false;
    }
  }

  /** A trampoline asks only the runtime that made it: `start` asks before it gives the turn. */
  #asks(question: `${string}:${'before' | 'after'}`): boolean {
    return (this.#transport.javascript || !this.#started) && this.#bus.hasInterceptors(question);
  }

  #now(): bigint | undefined {
    return this.#transport.javascript?.now();
  }
}

import type { LifecycleBus } from '../../bus/bus.ts';
import type { HookRun } from '../../hooks/hook-run.ts';
import { RuntimeChannel } from '../channel/channel.ts';
import type {
  InitMessage,
  RuntimeMessage,
  TrampolineReport,
  WalkMessage,
} from '../channel/protocol.ts';
import type { Exchange, Walk } from '../walk.ts';

/** An init that runs in the runtime's thread: SharedInit. */
export interface SharedThread {
  /** False once init has executed a program, or ended. */
  readonly shares: boolean;
  /** Runs `action` as init. False when init has ended before. */
  run(action: () => void): boolean;
  /** To be called once init's own program talks, or init has ended. */
  end(): void;
}

/** An init that shares the runtime's memory, and its walk. */
interface Sharing {
  init: SharedThread;
  exchanges: Generator<Exchange, void>;
  bus: LifecycleBus;
  /** Collects the hooks of the running stage. */
  hookRuns: HookRun[];
}

/** A message that the runtime has not yet received, and the hooks that its stage has run. */
interface Told {
  message: WalkMessage;
  hookRuns: HookRun[];
}

/**
 * The runtime's end of the connection to an init that shares its memory. To receive a message is to
 * let init walk on, until the runtime must hear of something or answer. Once init is a trampoline,
 * or where it is forked after all, messages arrive by the socket.
 */
export class SharedChannel extends RuntimeChannel {
  #sharing: Sharing | undefined;
  readonly #told: Told[] = [];
  /** What init waits for. */
  #awaited: RuntimeMessage['type'] | undefined;
  /** What the runtime has sent, and init has not yet waited for. */
  #sent: RuntimeMessage['type'] | undefined;

  /** Walks in `init` from now on. */
  share(
    init: SharedThread,
    walk: Walk,
    { bus, hookRuns }: Pick<Sharing, 'bus' | 'hookRuns'>,
  ): void {
    this.#sharing = { init, exchanges: walk.exchanges(), bus, hookRuns };
  }

  override send(message: RuntimeMessage): void {
    if (this.#shared) this.#sent = message.type;
    else super.send(message);
  }

  override receive(): InitMessage | TrampolineReport | undefined {
    this.proceed();
    const told = this.#told.shift();
    if (told) {
      this.#sharing!.hookRuns.push(...told.hookRuns);
      return told.message;
    }
    if (this.#shared) return undefined;
    const message = super.receive();
    this.#sharing?.init.end();
    return message;
  }

  /** Lets init walk on, unless it has told something that was not received. */
  override proceed(): void {
    const sharing = this.#shared;
    if (this.#told.length === 0 && sharing) sharing.init.run(() => this.#walkOn(sharing));
  }

  /** No fds while init shares the memory: a message is there once it is received. */
  override get inputs(): number[] {
    return this.#told.length > 0 || this.#shared ? [] : super.inputs;
  }

  get #shared(): Sharing | undefined {
    return this.#sharing?.init.shares ? this.#sharing : undefined;
  }

  /** In init: walks until it waits, or has told what the runtime must hear at once. */
  #walkOn({ exchanges, bus, hookRuns }: Sharing): void {
    while (!this.#waits()) {
      const { value, done } = exchanges.next();
      if (done) return;
      if (value.await) {
        this.#awaited = value.await;
        continue;
      }
      const message = value.tell;
      this.#told.push({ message, hookRuns: hookRuns.splice(0) });
      if (message.type === 'mount') continue;
      if (message.type !== 'stage' || bus.needsRuntimeAt(message.stage)) return;
    }
  }

  #waits(): boolean {
    if (this.#awaited === undefined) return false;
    if (this.#awaited !== this.#sent) return true;
    this.#awaited = undefined;
    this.#sent = undefined;
    return false;
  }
}

import { EventEmitter } from 'eventemitter3';
import type {
  LifecycleEvents,
  StageAfterEvent,
  StageBeforeEvent,
  StageErrorEvent,
} from './events.ts';

/** A listener that threw, or whose promise was rejected. */
export interface ListenerFailure {
  event: string;
  /** The listener's function name; empty for an anonymous one. */
  listener: string;
  error: unknown;
}

/** May return a promise; nobody waits for it but {@link LifecycleBus.settled}. */
export type Listener<Payload> = (payload: Payload) => unknown;

type Guarded = (payload: unknown, event: string) => void;

/**
 * Tells listeners what happens to a container. They can neither stop one another nor the container:
 * what they throw is kept in {@link failures}.
 */
export class LifecycleBus<Stage extends string> {
  readonly failures: ListenerFailure[] = [];
  readonly #emitter = new EventEmitter<string>();
  readonly #guards = new WeakMap<Listener<never>, Guarded>();
  readonly #pending = new Set<Promise<void>>();

  on<E extends keyof LifecycleEvents<Stage> & string>(
    event: E,
    listener: Listener<LifecycleEvents<Stage>[E]>,
  ): this {
    this.#emitter.on(event, this.#guard(listener));
    return this;
  }

  once<E extends keyof LifecycleEvents<Stage> & string>(
    event: E,
    listener: Listener<LifecycleEvents<Stage>[E]>,
  ): this {
    this.#emitter.once(event, this.#guard(listener));
    return this;
  }

  off<E extends keyof LifecycleEvents<Stage> & string>(
    event: E,
    listener: Listener<LifecycleEvents<Stage>[E]>,
  ): this {
    // Without a guard it was never added; eventemitter3 would take `undefined` for all of them.
    const guarded = this.#guards.get(listener);
    if (guarded !== undefined) this.#emitter.off(event, guarded);
    return this;
  }

  /** Whether anybody listens, to anything. */
  get hasListeners(): boolean {
    return this.#emitter.eventNames().length > 0;
  }

  emit<E extends keyof LifecycleEvents<Stage> & string>(
    event: E,
    payload: LifecycleEvents<Stage>[E],
  ): void {
    this.#emitter.emit(event, payload, event);
  }

  /** Emits `stage:before`, then `<stage>:before`. */
  before(event: StageBeforeEvent<Stage>): void {
    this.#stage('before', event);
  }

  /** Emits `stage:after`, then `<stage>:after`. */
  after(event: StageAfterEvent<Stage>): void {
    this.#stage('after', event);
  }

  /** Emits `stage:error`, then `<stage>:error`. */
  error(event: StageErrorEvent<Stage>): void {
    this.#stage('error', event);
  }

  /** Resolves when no listener's promise is pending, or `timeout` milliseconds have passed. */
  async settled(timeout: number): Promise<void> {
    const expiry = Promise.withResolvers<void>();
    const timer = setTimeout(expiry.resolve, timeout);
    const expired = expiry.promise.then(() => 'expired' as const);
    while (this.#pending.size > 0) {
      if ((await Promise.race([Promise.all(this.#pending), expired])) === 'expired') break;
    }
    clearTimeout(timer);
  }

  #stage(phase: string, event: StageBeforeEvent<Stage>): void {
    this.#emitter.emit(`stage:${phase}`, event, `stage:${phase}`);
    this.#emitter.emit(`${event.stage}:${phase}`, event, `${event.stage}:${phase}`);
  }

  /** One guard a listener, whatever it listens to, so that it can be taken off again. */
  #guard<Payload>(listener: Listener<Payload>): Guarded {
    const known = this.#guards.get(listener);
    if (known !== undefined) return known;
    const guarded: Guarded = (payload, event) => {
      const fail = (error: unknown) => {
        this.failures.push({ event, listener: listener.name, error });
      };
      try {
        const result = listener(payload as Payload);
        if (isThenable(result)) this.#follow(result, fail);
      } catch (error) {
        fail(error);
      }
    };
    this.#guards.set(listener, guarded);
    return guarded;
  }

  #follow(result: PromiseLike<unknown>, fail: (error: unknown) => void): void {
    const followed = Promise.resolve(result)
      .then(() => undefined, fail)
      .finally(() => this.#pending.delete(followed));
    this.#pending.add(followed);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

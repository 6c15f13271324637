import { EventEmitter } from 'eventemitter3';
import { eventName, type Phase } from './event-names.ts';
import type {
  LifecycleEvents,
  StageAfterEvent,
  StageBeforeEvent,
  StageErrorEvent,
} from './events.ts';
import { isThenable } from './is-thenable.ts';
import { type ListenerFailure, ListenerFailures } from './listener-failures.ts';
import type { InitQuestions, LifecycleQuestions } from './questions.ts';

/** May return a promise, which only {@link LifecycleBus.settled} waits for. */
export type Listener<Payload> = (payload: Payload) => unknown;

/** The bus awaits it. Throwing is a veto. */
// biome-ignore lint/suspicious/noConfusingVoidType: most interceptors return nothing.
export type Interceptor<Question> = (question: Question) => void | unknown | Promise<unknown>;

/** Runs inside init and is synchronous. Throwing is a veto. */
export interface InitInterceptor<Question> {
  run(question: Question): void;
  /** The plugin whose function this is, and the milliseconds that the function may take. */
  readonly plugin?: { readonly name: string; readonly timeout: number };
}

interface ListenerOptions {
  /**
   * The listener only changes this process's memory. Its events may then be delivered a little
   * later, several at a time, so that init need not pause at every stage.
   */
  canWait?: boolean;
}

type Events<Stage extends string> = LifecycleEvents<Stage>;
type Questions<Stage extends string> = LifecycleQuestions<Stage>;
type Guarded = (payload: unknown, event: string) => void;

const NONE: readonly InitInterceptor<never>[] = [];

/**
 * The only way to follow a container's life and to take part in it. `emit` notifies listeners,
 * which cannot stop each other or the container. `ask` calls interceptors one after the other and
 * awaits them; each may veto by throwing. A bus may have a parent, as the bus of a command in an
 * embedding program does: the parent's listeners and interceptors come last.
 */
export class LifecycleBus<Stage extends string = string> {
  readonly #parent: LifecycleBus<Stage> | undefined;
  readonly #listeners = new EventEmitter<string>();
  readonly #interceptors = new Map<string, Interceptor<never>[]>();
  readonly #inContainer = new Map<string, InitInterceptor<never>[]>();
  readonly #guards = new WeakMap<Listener<never>, Guarded>();
  /** The number of listeners of each event that cannot wait. */
  readonly #promptListenerCounts = new Map<string, number>();
  readonly #pending = new Set<Promise<void>>();
  readonly #failures: ListenerFailures;

  /** `report` is called with each listener's first failure. */
  constructor(parent?: LifecycleBus<Stage>, report?: (failure: string) => void) {
    this.#parent = parent;
    this.#failures = new ListenerFailures(report);
  }

  /** The first hundred errors that listeners threw or that their promises were rejected with. */
  get failures(): readonly ListenerFailure[] {
    return this.#failures.first;
  }

  /** The number of all failures of listeners. */
  get failureCount(): number {
    return this.#failures.count;
  }

  on<E extends keyof Events<Stage> & string>(
    event: E,
    listener: Listener<Events<Stage>[E]>,
    { canWait = false }: ListenerOptions = {},
  ): this {
    this.#listeners.on(event, this.#guard(listener));
    if (!canWait)
      this.#promptListenerCounts.set(event, (this.#promptListenerCounts.get(event) ?? 0) + 1);
    return this;
  }

  once<E extends keyof Events<Stage> & string>(
    event: E,
    listener: Listener<Events<Stage>[E]>,
  ): this {
    const first: Listener<Events<Stage>[E]> = (payload) => {
      this.off(event, first);
      return listener(payload);
    };
    return this.on(event, first);
  }

  off<E extends keyof Events<Stage> & string>(
    event: E,
    listener: Listener<Events<Stage>[E]>,
  ): this {
    // Without a guard it was never added. eventemitter3 would remove all listeners for `undefined`.
    const guarded = this.#guards.get(listener);
    if (guarded === undefined) return this;
    const before = this.#listeners.listenerCount(event);
    this.#listeners.off(event, guarded);
    const removed = before - this.#listeners.listenerCount(event);
    const prompt = this.#promptListenerCounts.get(event) ?? 0;
    this.#promptListenerCounts.set(event, Math.max(0, prompt - removed));
    return this;
  }

  /** Adds `interceptor` after the existing ones. */
  intercept<Q extends keyof Questions<Stage> & string>(
    question: Q,
    interceptor: Interceptor<Questions<Stage>[Q]>,
  ): this {
    this.#interceptors.set(question, [...(this.#interceptors.get(question) ?? []), interceptor]);
    return this;
  }

  /** Adds `interceptor`, which is called inside init, in the container's namespaces. */
  interceptInContainer<Q extends keyof InitQuestions<Stage> & string>(
    question: Q,
    interceptor: InitInterceptor<InitQuestions<Stage>[Q]>,
  ): this {
    this.#inContainer.set(question, [...(this.#inContainer.get(question) ?? []), interceptor]);
    return this;
  }

  emit<E extends keyof Events<Stage> & string>(event: E, payload: Events<Stage>[E]): void {
    this.#emit(event, payload);
  }

  /** Asks one interceptor after the other, until one throws. Returns their answers. */
  async ask<Q extends keyof Questions<Stage> & string>(
    question: Q,
    about: Questions<Stage>[Q],
  ): Promise<unknown[]> {
    const answers: unknown[] = [];
    for (const interceptor of this.#interceptorsOf(question)) {
      answers.push(await (interceptor as Interceptor<Questions<Stage>[Q]>)(about));
    }
    return answers;
  }

  /** The interceptors for init. init calls each itself, because the runtime times each call. */
  inContainer<Q extends keyof InitQuestions<Stage> & string>(
    question: Q,
  ): readonly InitInterceptor<InitQuestions<Stage>[Q]>[] {
    const own = this.#inContainer.get(question) ?? NONE;
    const others = this.#parent?.inContainer(question) ?? NONE;
    return others.length === 0 ? own : [...own, ...others];
  }

  /** Emits `stage:before`, then `<stage>:before`. */
  before(event: StageBeforeEvent<Stage>): void {
    this.#emitStage('before', event);
  }

  /** Emits `stage:after`, then `<stage>:after`. */
  after(event: StageAfterEvent<Stage>): void {
    this.#emitStage('after', event);
  }

  /** Emits `stage:error`, then `<stage>:error`. */
  error(event: StageErrorEvent<Stage>): void {
    this.#emitStage('error', event);
  }

  /** True when the question has interceptors, here or on the parent. */
  hasInterceptors(question: keyof Questions<Stage> & string): boolean {
    return this.#interceptors.has(question) || (this.#parent?.hasInterceptors(question) ?? false);
  }

  /** The events that have listeners. */
  get events(): string[] {
    const own = this.#listeners.eventNames() as string[];
    return [...new Set([...own, ...(this.#parent?.events ?? [])])];
  }

  /** The questions that have interceptors. */
  get questions(): string[] {
    return [...new Set([...this.#interceptors.keys(), ...(this.#parent?.questions ?? [])])];
  }

  /** True when a stage has interceptors inside init. */
  get extendsInit(): boolean {
    const stages = [...this.#inContainer.keys()].some((question) => question.includes(':'));
    return stages || (this.#parent?.extendsInit ?? false);
  }

  /** True when a listener must be told at once that the stage begins. */
  hasPromptListenerBefore(stage: Stage): boolean {
    return this.#hasPromptListener('before', stage);
  }

  /** True when the stage has interceptors, or listeners that must be told at once. */
  needsRuntimeAt(stage: Stage): boolean {
    return (
      this.hasInterceptors(eventName(stage, 'before') as never) ||
      this.hasInterceptors(eventName(stage, 'after') as never) ||
      (['before', 'after', 'error'] as const).some((phase) => this.#hasPromptListener(phase, stage))
    );
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

  #hasPromptListener(phase: Phase, stage: Stage): boolean {
    const prompt = (event: string) => (this.#promptListenerCounts.get(event) ?? 0) > 0;
    return (
      prompt(eventName('stage', phase)) ||
      prompt(eventName(stage, phase)) ||
      (this.#parent ? this.#parent.#hasPromptListener(phase, stage) : false)
    );
  }

  #emitStage(phase: Phase, event: StageBeforeEvent<Stage>): void {
    this.#emit(eventName('stage', phase), event);
    this.#emit(eventName(event.stage, phase), event);
  }

  #emit(event: string, payload: unknown): void {
    this.#listeners.emit(event, payload, event);
    if (this.#parent) this.#parent.#emit(event, payload);
  }

  #interceptorsOf(question: string): readonly Interceptor<never>[] {
    return [
      ...(this.#interceptors.get(question) ?? []),
      ...(this.#parent ? this.#parent.#interceptorsOf(question) : []),
    ];
  }

  /** Each listener has one guard for all events, so that `off` finds it. */
  #guard<Payload>(listener: Listener<Payload>): Guarded {
    const known = this.#guards.get(listener);
    if (known !== undefined) return known;
    const guarded: Guarded = (payload, event) => {
      const fail = (error: unknown) => this.#failures.add(event, listener, error);
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

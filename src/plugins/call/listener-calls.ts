import type { Span } from '@opentelemetry/api';
import { isThenable } from '../../bus/is-thenable.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import type { CommandSpans } from '../../trace/record/command-spans.ts';

/** Shorter calls have no spans and are summed up. Nanoseconds. */
const SHORT = 100_000n;

interface ListenerCall {
  plugin: string;
  event: string;
  /** CLOCK_MONOTONIC nanoseconds. */
  begin: bigint;
  /** When it returned. What it does later runs beside the command. */
  returned: bigint;
  /** The span in which it was called; absent for the command's root span. */
  parent: Span | undefined;
}

/** A listener whose promise has not settled. */
interface Unfinished {
  plugin: string;
  event: string;
}

/**
 * Records the calls of plugins' listeners. A call has a span if it delayed the command by more than
 * a tenth of a millisecond, if it failed, or if the command's end had to wait for it.
 */
export class ListenerCalls {
  readonly #spans: CommandSpans;
  readonly #pending = new Map<ListenerCall, Promise<void>>();
  readonly #short = new Map<string, { calls: number; total: bigint }>();
  /** When the command's end began to wait, and the span of that. */
  #waiting: { since: bigint; span: Span } | undefined;

  constructor(spans: CommandSpans) {
    this.#spans = spans;
  }

  /** Calls a listener. `failed` gets what it throws, now or later. */
  call(
    { plugin, event }: Unfinished,
    listener: () => unknown,
    failed: (error: unknown) => void,
  ): void {
    const begin = monotonicNs();
    const parent = this.#spans.running;
    const returned = () => ({ plugin, event, begin, parent, returned: monotonicNs() });
    try {
      const answer = listener();
      const call = returned();
      if (isThenable(answer)) this.#follow(call, answer, failed);
      else this.#keep(call);
    } catch (error) {
      this.#keep(returned(), error);
      failed(error);
    }
  }

  /**
   * Waits at most `timeout` milliseconds for listeners' promises, as a part of `span`. Returns the
   * listeners that are not done by then.
   */
  async end(span: Span, timeout: number): Promise<Unfinished[]> {
    this.#waiting = { since: monotonicNs(), span };
    const expiry = Promise.withResolvers<void>();
    const timer = setTimeout(expiry.resolve, timeout);
    await Promise.race([Promise.all(this.#pending.values()), expiry.promise]);
    clearTimeout(timer);
    return this.#giveUp(new Error(`not done within ${timeout} ms of the command's end`));
  }

  /** A listener that never settles may be called at every stage: it is reported once. */
  #giveUp(error: Error): Unfinished[] {
    const { since, span } = this.#waiting!;
    const unfinished = new Map<string, ListenerCall>();
    for (const call of this.#pending.keys()) {
      this.#keep(call);
      unfinished.set(`${call.plugin} ${call.event}`, call);
    }
    this.#pending.clear();
    for (const call of unfinished.values()) {
      this.#record(call, { begin: since, end: monotonicNs(), error }, span);
    }
    return [...unfinished.values()];
  }

  /** Sums of the calls that have no span of their own: `metrics: 41 calls in 0.21 ms`. */
  get short(): string[] {
    return [...this.#short].map(
      ([plugin, { calls, total }]) =>
        `${plugin}: ${calls} ${calls === 1 ? 'call' : 'calls'} in ${(Number(total) / 1e6).toFixed(2)} ms`,
    );
  }

  #follow(call: ListenerCall, answer: PromiseLike<unknown>, failed: (error: unknown) => void) {
    const followed = Promise.resolve(answer).then(
      () => this.#settle(call),
      (error) => {
        if (this.#settle(call, error)) failed(error);
      },
    );
    this.#pending.set(
      call,
      followed.then(() => undefined),
    );
  }

  /** False for a call that was given up before. */
  #settle(call: ListenerCall, error?: unknown): boolean {
    if (!this.#pending.delete(call)) return false;
    this.#keep(call, error);
    if (!this.#waiting) return true;
    const { since, span } = this.#waiting;
    this.#record(call, { begin: since, end: monotonicNs(), error }, span);
    return true;
  }

  #keep(call: ListenerCall, error?: unknown): void {
    const { plugin, begin, returned, parent } = call;
    if (error !== undefined || returned - begin >= SHORT) {
      this.#record(call, { begin, end: returned, error }, parent);
      return;
    }
    const short = this.#short.get(plugin) ?? { calls: 0, total: 0n };
    short.calls += 1;
    short.total += returned - begin;
    this.#short.set(plugin, short);
  }

  #record(
    { plugin, event }: ListenerCall,
    times: { begin: bigint; end: bigint; error: unknown },
    parent: Span | undefined,
  ): void {
    this.#spans.recordCall({ plugin, call: `on ${event}`, ...times }, parent);
  }
}

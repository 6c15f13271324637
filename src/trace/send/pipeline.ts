import { setTimeout } from 'node:timers/promises';
import { backoff } from './connection/backoff.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import { type Batch, hasMore, readBatch } from './read-batch.ts';
import { reportOf } from './sdk-report.ts';
import type { Signal } from './signals.ts';
import { type ExportState, readState, writeState } from './state.ts';
import type { Request, Stream } from './stream.ts';
import { openStream } from './streams.ts';

export interface PipelineOptions {
  /** The store. */
  directory: string;
  /** The most items that a request may have. */
  batch: number;
  /** How long one request is tried, in milliseconds. */
  timeout: number;
  /** Hash of the settings, from settingsOf. */
  settings: string;
  /**
   * Sends everything that ended since this time, even if it was sent before; in milliseconds since
   * the epoch.
   */
  since?: number | undefined;
  /** Warnings about the variables so far. */
  warnings: readonly string[];
  /** Whether progress is saved. */
  isKept: boolean;
}

/** The result for all items of a request. */
interface Outcome {
  sent: number;
  refused: number;
  /** How many of the refused items are too large even alone. */
  tooLarge: number;
  /** Why something was refused or, with `failed`, not delivered. */
  reason?: string | undefined;
  /** Set when the rest must be sent another time. */
  failed?: 'failed' | 'turned away';
}

/**
 * Sends one signal from the store to its backends. Each signal has its own progress in the store.
 */
export class Pipeline {
  readonly signal: Signal;
  readonly #options: PipelineOptions;
  readonly #stream: Stream;
  #state: ExportState;
  /** `options.since` until the first drain has ended. */
  #since: number | undefined;

  /** Throws where the variables name no exporter that the SDK has. */
  constructor(signal: Signal, options: PipelineOptions) {
    this.signal = signal;
    this.#options = options;
    this.#since = options.since;
    this.#state = readState(options.directory, signal);
    this.#stream = openStream[signal]({
      directory: options.directory,
      totals: () => this.#state.totals,
    });
  }

  get state(): ExportState {
    return this.#state;
  }

  get hasMore(): boolean {
    return hasMore(this.#options.directory, this.#state.progress);
  }

  /**
   * Sends everything in the store. The caller holds the store's lock. False when it gave up: the
   * next exporter continues from there.
   */
  async drain(): Promise<boolean> {
    // Another exporter may have sent something since this one last held the lock.
    if (this.#options.isKept) this.#state = readState(this.#options.directory, this.signal);
    if (this.#since !== undefined && !(await this.#beginAgain())) return false;
    for (let batch = this.#next(); batch; batch = this.#next()) {
      if (!(await this.#deliver(batch))) return false;
    }
    this.#since = undefined;
    return true;
  }

  /** Sends everything again. Metrics are sent again without being counted again. */
  async #beginAgain(): Promise<boolean> {
    const { progress, totals } = this.#state;
    if (this.signal !== 'metrics') this.#state = { ...this.#state, progress: {} };
    else if (totals) return this.#deliver({ commands: [], progress });
    return true;
  }

  #next(): Batch | undefined {
    const { directory, batch } = this.#options;
    return readBatch(directory, this.#state.progress, { spans: batch, since: this.#since });
  }

  async #deliver(batch: Batch): Promise<boolean> {
    const request = this.#stream(batch.commands);
    const outcome = await this.#sendAll(request);
    this.#save(outcome, request, batch);
    return !outcome.failed;
  }

  async #sendAll(request: Request): Promise<Outcome> {
    const { batch } = this.#options;
    const outcome: Outcome = { sent: 0, refused: 0, tooLarge: 0 };
    for (let start = 0; start < request.length && !outcome.failed; start += batch) {
      await this.#send(request, start, Math.min(start + batch, request.length), outcome);
    }
    // When all items are too large, the fault is not in the items.
    if (outcome.sent === 0 && outcome.tooLarge > 0) outcome.failed ??= 'turned away';
    return outcome;
  }

  /** Sends the items from `start` to before `end`, in halves where they are too large together. */
  async #send(request: Request, start: number, end: number, outcome: Outcome): Promise<void> {
    const { result, reason, rejected = 0 } = await this.#tryAgain(request, start, end);
    const count = end - start;
    if (result === 'too large' && count > 1) {
      const middle = start + Math.ceil(count / 2);
      await this.#send(request, start, middle, outcome);
      if (!outcome.failed) await this.#send(request, middle, end, outcome);
      return;
    }
    outcome.reason = reason || outcome.reason;
    if (result === 'failed' || result === 'turned away') {
      outcome.failed = result;
      return;
    }
    const refused = result === 'delivered' ? rejected : count;
    outcome.refused += refused;
    outcome.sent += count - refused;
    if (result === 'too large') outcome.tooLarge += count;
  }

  /** Repeats a request that failed temporarily, until the timeout. */
  async #tryAgain(request: Request, start: number, end: number): Promise<Delivery> {
    const deadline = Date.now() + this.#options.timeout;
    for (let failures = 0; ; failures++) {
      const report = await reportOf(() => request.send(start, end));
      const delivery = deliveryOf(report, end - start);
      if (delivery.result !== 'failed') return delivery;
      const wait = Math.max(backoff(failures), delivery.retryAfter ?? 0);
      if (Date.now() + wait > deadline) return delivery;
      await setTimeout(wait);
    }
  }

  #save(
    { sent, refused, reason, failed }: Outcome,
    { totals }: Request,
    { progress }: Batch,
  ): void {
    const { directory, settings, warnings, isKept } = this.#options;
    const before = this.#state;
    const failure = reason
      ? { time: new Date().toISOString(), reason, ...(failed === 'turned away' && { settings }) }
      : before.failure && { ...before.failure, settings: undefined };
    const done = {
      progress,
      sent: before.sent + sent,
      refused: before.refused + refused,
      ...(totals && { totals }),
    };
    this.#state = { ...before, ...(!failed && done), failure, warnings: [...warnings] };
    if (isKept) writeState(directory, this.signal, this.#state);
  }
}

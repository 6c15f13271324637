import { setTimeout } from 'node:timers/promises';
import { takeAnswer } from './answers.ts';
import { backoff } from './backoff.ts';
import type { Delivery } from './deliver.ts';
import type { Destination } from './destination.ts';
import { takeRejection } from './diagnostics.ts';
import { type Batch, hasMore, readBatch } from './read-batch.ts';
import { type ExportState, readState, writeState } from './state.ts';
import type { Request, Stream } from './streams.ts';

/** The way of one signal from the store to a backend. It keeps a place of its own in the store. */
export class Pipeline {
  readonly destination: Destination;
  readonly #directory: string;
  readonly #stream: Stream;
  readonly #timeout: number;
  #state: ExportState;

  /** `timeout` in milliseconds: how long one request is tried. */
  constructor(
    destination: Destination,
    options: { directory: string; stream: Stream; timeout: number },
  ) {
    this.destination = destination;
    this.#directory = options.directory;
    this.#stream = options.stream;
    this.#timeout = options.timeout;
    this.#state = readState(this.#directory, destination.signal);
  }

  get state(): ExportState {
    return this.#state;
  }

  get hasMore(): boolean {
    return hasMore(this.#directory, this.#state.progress);
  }

  /**
   * Sends all there is, under the store's lock. False when it gave up: the next exporter begins where
   * this one was.
   */
  async drain(): Promise<boolean> {
    // Since this one had the lock last, another may have sent something.
    this.#state = readState(this.#directory, this.destination.signal);
    for (let batch = this.#next(); batch; batch = this.#next()) {
      const request = this.#stream(batch.commands, this.#state.totals);
      const delivery: Delivery = request.items > 0 ? await this.#send(request) : NOTHING_SENT;
      this.#save(delivery, request, batch);
      if (delivery.result === 'failed') return false;
    }
    return true;
  }

  #next(): Batch | undefined {
    return readBatch(this.#directory, this.#state.progress);
  }

  /** Tries again, for as long as there is time, what may still be taken. */
  async #send(request: Request): Promise<Delivery> {
    const deadline = Date.now() + this.#timeout;
    for (let failures = 0; ; failures++) {
      const delivery = await request.send();
      const answer = takeAnswer(this.destination.url);
      if (delivery.result !== 'failed') return delivery;
      const wait = Math.max(backoff(failures), answer?.retryAfter ?? 0);
      if (Date.now() + wait > deadline) {
        const reason = answer ? `HTTP ${answer.status}` : delivery.reason;
        return { ...delivery, reason };
      }
      await setTimeout(wait);
    }
  }

  #save(delivery: Delivery, { items, totals }: Request, { progress }: Batch): void {
    const { sent, refused, failure, ...state } = this.#state;
    const noted = (reason: string) => ({ time: new Date().toISOString(), reason });
    if (delivery.result === 'failed') {
      this.#state = { ...this.#state, failure: noted(delivery.reason) };
    } else {
      const rejected =
        delivery.result === 'refused'
          ? { count: items, reason: delivery.reason }
          : takeRejection(this.destination.signal);
      this.#state = {
        ...state,
        progress,
        sent: sent + items - (rejected?.count ?? 0),
        refused: refused + (rejected?.count ?? 0),
        failure: rejected ? noted(rejected.reason) : failure,
        ...(totals && { totals }),
      };
    }
    writeState(this.#directory, this.destination.signal, this.#state);
  }
}

const NOTHING_SENT = { result: 'delivered' } as const;

import { setImmediate } from 'node:timers/promises';

/** The most davits that start at a time: more would only keep the program from its CPU. */
const AT_ONCE = 4;
/** Milliseconds after which a davit that still starts no longer keeps another waiting. */
const LONG = 1000;

/**
 * Lets a few davits start at a time, and one in each turn of the event loop: starting one blocks
 * the loop for a while.
 */
class StartTurns {
  #starting = 0;
  #last: Promise<unknown> = Promise.resolve();
  readonly #waiting: (() => void)[] = [];

  /** Waits for a turn. Call the returned function when this davit has started. */
  async take(): Promise<() => void> {
    // A davit that has started passes its turn on.
    if (this.#starting >= AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#starting++;
    this.#last = this.#last.then(() => setImmediate());
    await this.#last;
    return this.#turn();
  }

  #turn(): () => void {
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      const next = this.#waiting.shift();
      if (next) next();
      else this.#starting--;
    };
    const timer = setTimeout(end, LONG);
    timer.unref();
    return end;
  }
}

/** The turns of all davits that this program starts. */
export const startTurns = new StartTurns();

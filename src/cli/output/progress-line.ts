import type { Progress } from '../../caller/progress.ts';
import { type Output, writeMessage } from './output.ts';

/** ECMA-48: the beginning of the line, and erase to its end. */
const ERASE = '\r\x1b[K';
/** Milliseconds until a line appears, and between two changes of it. */
const DELAY = 1000;
const PAUSE = 100;

/**
 * A line on a terminal that tells how work goes on; it appears after a second. Nothing elsewhere.
 */
export class ProgressLine implements Progress {
  readonly #output: Output;
  readonly #isShown: boolean;
  #next = Date.now() + DELAY;
  #drawn = false;

  constructor(output: Output) {
    this.#output = output;
    this.#isShown = output.isTerminal;
  }

  show(text: () => string): void {
    if (!this.#isShown || Date.now() < this.#next) return;
    this.#next = Date.now() + PAUSE;
    this.#drawn = true;
    const fitting = [...text()].slice(0, (this.#output.columns ?? 80) - 1).join('');
    writeMessage(this.#output, ERASE + fitting);
  }

  /** Erases the line. */
  [Symbol.dispose](): void {
    if (this.#drawn) writeMessage(this.#output, ERASE);
  }
}

/** The width of a progress bar, in characters. */
const BAR = 30;

/** `[#####     ]` for 0.5. */
export function progressBar(share: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * BAR);
  return `[${'#'.repeat(full).padEnd(BAR)}]`;
}

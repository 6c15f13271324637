import { closeSync, constants, openSync } from 'node:fs';
import { RuntimeError } from '../errors/runtime-error.ts';
import { getWindowSize, isTerminal, setWindowSize, type WindowSize } from '../syscalls/tty/tty.ts';
import { clearOnlcr, setRawMode } from './raw-mode.ts';
import type { UserTerminal } from './user-terminal.ts';

/** The terminal in which `run` or `exec` was called. */
export class CallerTerminal implements UserTerminal {
  readonly #fd: number;
  readonly #opened: boolean;
  #reset: (() => void) | undefined;

  private constructor(fd: number, opened: boolean) {
    this.#fd = fd;
    this.#opened = opened;
  }

  /** Throws {@link RuntimeError} when there is none; called before anything is made. */
  static find(): CallerTerminal {
    // Each of stdio may be redirected.
    const fd = [2, 1, 0].find(isTerminal);
    if (fd !== undefined) return new CallerTerminal(fd, false);
    try {
      return new CallerTerminal(openSync('/dev/tty', constants.O_RDONLY), true);
    } catch {
      throw new RuntimeError(
        'open /dev/tty: no such device or address',
        'process.terminal needs a terminal: call davit in a terminal, or give --detach and --console-socket',
      );
    }
  }

  /** Sets this terminal to raw mode: the container's terminal handles keys and input lines. */
  attach(master: number): void {
    clearOnlcr(master);
    this.#reset = setRawMode(this.#fd);
    this.resize(master);
  }

  /** The terminal's size; undefined when it reports none. */
  get size(): WindowSize | undefined {
    const size = getWindowSize(this.#fd);
    return size.rows !== 0 && size.columns !== 0 ? size : undefined;
  }

  /** Gives the container's terminal this one's size. */
  resize(master: number): void {
    try {
      const { size } = this;
      if (size) setWindowSize(master, size);
    } catch {
      // Either terminal may have hung up.
    }
  }

  /** Puts the terminal back as it was; may be called twice. */
  restore(): void {
    const reset = this.#reset;
    this.#reset = undefined;
    try {
      reset?.();
    } catch {
      // The terminal hung up: its modes no longer matter.
    }
  }

  [Symbol.dispose](): void {
    this.restore();
    if (this.#opened) closeSync(this.#fd);
  }
}

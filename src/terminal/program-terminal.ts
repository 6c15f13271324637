import { setWindowSize, type WindowSize } from '../syscalls/tty/tty.ts';
import type { UserTerminal } from './user-terminal.ts';

/** Stands for the terminal of a program that has started davit, and reads and writes by pipes. */
export class ProgramTerminal implements UserTerminal {
  size: WindowSize;
  readonly #attached: () => void;
  #master = -1;

  /** `attached` is called when the container's terminal is there. */
  constructor(size: WindowSize, attached: () => void) {
    this.size = size;
    this.#attached = attached;
  }

  attach(master: number): void {
    this.#master = master;
    this.resize(master);
    this.#attached();
  }

  resize(master: number): void {
    try {
      setWindowSize(master, this.size);
    } catch {
      // The container's terminal may have hung up.
    }
  }

  /** Changes the size of the program's terminal, and of the container's. */
  setSize(size: WindowSize): void {
    this.size = size;
    if (this.#master >= 0) this.resize(this.#master);
  }

  restore(): void {
    this.#master = -1;
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}

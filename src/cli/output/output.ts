import { writeSync } from 'node:fs';
import { sleepSync } from '../../syscalls/time/sleep.ts';
import { getWindowSize, isTerminal } from '../../syscalls/tty/tty.ts';

/** Where the text of a command goes. */
export interface Output {
  /** Writes all of `text`. False when the reader has closed the pipe, which is not an error. */
  write(text: string): boolean;
  readonly isTerminal: boolean;
  /** The width of the terminal in characters; undefined if it is none, or has no size. */
  readonly columns: number | undefined;
  /** Its height in lines; undefined as for `columns`. */
  readonly rows: number | undefined;
}

/** The output to a file, a pipe or a terminal. */
export class FdOutput implements Output {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Writes synchronously: touching process.stdout could make a file description that a container
   * shares non-blocking.
   */
  write(text: string): boolean {
    let rest: Uint8Array = Buffer.from(text);
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') return false;
        if (code !== 'EAGAIN') throw error;
        // Another process made the pipe non-blocking, and it is full: wait for its reader.
        sleepSync(2);
      }
    }
    return true;
  }

  get isTerminal(): boolean {
    return isTerminal(this.#fd);
  }

  get columns(): number | undefined {
    return this.isTerminal ? getWindowSize(this.#fd).columns || undefined : undefined;
  }

  get rows(): number | undefined {
    return this.isTerminal ? getWindowSize(this.#fd).rows || undefined : undefined;
  }
}

/**
 * Writes a message, ignoring failures: containerd's shim gives a standard error that is open for
 * reading only, and a command must not fail because of it.
 */
export function writeMessage(output: Output, text: string): void {
  try {
    output.write(text);
  } catch {
    // There is no other place to report it.
  }
}

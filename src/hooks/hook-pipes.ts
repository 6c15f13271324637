import { closeFd } from '../syscalls/files/close-fd.ts';
import { pipe2 } from '../syscalls/files/pipe.ts';
import type { HookFiles } from './hook-output.ts';

/** The pipes that carry the state to a hook, and its output back. */
export class HookPipes implements Disposable {
  /** What the hook gets for 0, 1 and 2. */
  readonly stdio: readonly number[];
  /** Where to write its state, and to read what it prints. */
  readonly input: number;
  readonly output: number;
  readonly #open: Set<number>;

  /** Output that goes to `files` does not come back by a pipe. */
  constructor(files: HookFiles = {}) {
    const [inputEnd, input] = pipe2();
    const [output, outputEnd] = pipe2();
    this.stdio = [inputEnd, files.stdout ?? outputEnd, files.stderr ?? outputEnd];
    this.input = input;
    this.output = output;
    this.#open = new Set([inputEnd, input, output, outputEnd]);
  }

  /** Closes this process's copies of the hook's ends: only then the hook's end of file shows. */
  closeStdio(): void {
    for (const fd of this.#open) if (fd !== this.input && fd !== this.output) this.#close(fd);
  }

  closeInput(): void {
    this.#close(this.input);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open) this.#close(fd);
  }

  #close(fd: number): void {
    if (this.#open.delete(fd)) closeFd(fd);
  }
}

import { closeFd } from '../syscalls/files/close-fd.ts';
import { pipe2 } from '../syscalls/files/pipe.ts';
import type { HookOutput } from './hook-output.ts';

/** The pipes by which a hook gets its state and says what it has to say. */
export class HookPipes {
  /** What the hook gets for 0, 1 and 2. */
  readonly stdio: readonly number[];
  /** Where to write its state, and to read what it prints. */
  readonly input: number;
  readonly output: number;
  readonly #open: Set<number>;

  /** What goes to `files` is not heard. */
  constructor(files: HookOutput = {}) {
    const [inputEnd, input] = pipe2();
    const [output, outputEnd] = pipe2();
    this.stdio = [inputEnd, files.stdout ?? outputEnd, files.stderr ?? outputEnd];
    this.input = input;
    this.output = output;
    this.#open = new Set([inputEnd, input, output, outputEnd]);
  }

  /** The hook has its own ends, and is heard to close them. */
  closeStdio(): void {
    for (const fd of this.#open) if (fd !== this.input && fd !== this.output) this.#close(fd);
  }

  closeInput(): void {
    this.#close(this.input);
  }

  close(): void {
    for (const fd of this.#open) this.#close(fd);
  }

  #close(fd: number): void {
    if (this.#open.delete(fd)) closeFd(fd);
  }
}

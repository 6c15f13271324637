import type { Output } from '../cli/output/output.ts';
import { getWindowSize, isTerminal } from '../syscalls/tty/tty.ts';

/**
 * What a served command prints. The server never writes to its callers' files: one that blocks would
 * keep all others waiting. The front writes, when the command has ended.
 */
export class CollectedOutput implements Output {
  readonly #fd: number;
  #text = '';

  /** `fd` is only asked what it is. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  write(text: string): boolean {
    this.#text += text;
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

  get bytes(): Buffer {
    return Buffer.from(this.#text);
  }
}

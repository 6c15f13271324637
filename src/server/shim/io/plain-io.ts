import { fchownSync } from 'node:fs';
import { closeFd } from '../../../syscalls/files/close-fd.ts';
import type { Stream } from './fifo.ts';
import type { ProcessIo } from './process-io.ts';

/** Two of them may be the same. */
type Streams = readonly [stdin: Stream, stdout: Stream, stderr: Stream];

/** The user to whom the stdio of a process belongs. Root leaves it as it is. */
export interface IoOwner {
  uid: number;
  gid: number;
}

/** Stdio that the process reads and writes itself: nothing is copied. */
export class PlainIo implements ProcessIo {
  readonly stdio: readonly number[];
  readonly console = undefined;
  readonly #ends = new DisposableStack();
  readonly #input = new DisposableStack();
  readonly #output = new DisposableStack();

  constructor(streams: Streams, { uid, gid }: IoOwner) {
    this.stdio = streams.map(({ end }) => end);
    const [stdin, ...outputs] = streams;
    for (const end of new Set(this.stdio)) this.#ends.adopt(end, closeFd);
    this.#input.adopt(stdin.held, closeFd);
    for (const held of new Set(outputs.map(({ held }) => held))) this.#output.adopt(held, closeFd);
    if (uid !== 0 || gid !== 0) for (const end of this.stdio) fchownSync(end, uid, gid);
  }

  launched(): void {
    this.#ends.dispose();
  }

  closeStdin(): void {
    this.#input.dispose();
  }

  resize(): void {}

  async ended(): Promise<void> {
    this.closeStdin();
  }

  async close(): Promise<void> {
    this.#ends.dispose();
    this.#input.dispose();
    this.#output.dispose();
  }
}

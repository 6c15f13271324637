import type { Readable } from 'node:stream';

/** What comes from a stream, up to a limit. */
export class Capture {
  /** Settles when all is read, or when the stream fails. */
  readonly end: Promise<void>;
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];
  #rest: number;

  /** `exceeded` is called when there are more than `limit` bytes; these are not kept. */
  constructor(stream: Readable, limit: number, exceeded: () => void) {
    this.#stream = stream;
    this.#rest = limit;
    stream.on('data', (chunk: Buffer) => {
      if (chunk.length > this.#rest) exceeded();
      this.#chunks.push(chunk.subarray(0, this.#rest));
      this.#rest -= Math.min(chunk.length, this.#rest);
    });
    this.end = new Promise((resolve) =>
      stream.once('error', () => resolve()).once('close', resolve),
    );
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  /** Reads no more. */
  stop(): void {
    this.#stream.destroy();
  }
}

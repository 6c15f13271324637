/** Reads a stream of chunks by numbers of bytes. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  /** How many bytes were read. */
  position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes; undefined at the end of the stream. Throws if it ends in between. */
  async read(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for await (const part of this.stream(length, { mayEnd: true })) parts.push(part);
    const bytes = Buffer.concat(parts);
    if (bytes.length === length) return bytes;
    if (bytes.length === 0) return undefined;
    throw truncated(this.position);
  }

  /** The next `length` bytes, as they come. Throws if the stream ends before, unless it may. */
  async *stream(length: number, { mayEnd = false } = {}): AsyncGenerator<Buffer> {
    for (let wanted = length; wanted > 0; ) {
      if (this.#rest.length === 0 && !(await this.#fill())) {
        if (mayEnd) return;
        throw truncated(this.position);
      }
      const part = this.#rest.subarray(0, wanted);
      this.#rest = this.#rest.subarray(part.length);
      this.position += part.length;
      wanted -= part.length;
      yield part;
    }
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.stream(length));
  }

  async #fill(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return true;
  }
}

const truncated = (position: number) =>
  new Error(`the archive ends at byte ${position}, in an entry`);

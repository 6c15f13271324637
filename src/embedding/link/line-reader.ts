import { StringDecoder } from 'node:string_decoder';

/** Cuts what comes from a stream into lines. */
export class LineReader {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The lines that `chunk` completes, without their ends. */
  push(chunk: Buffer): string[] {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop()!;
    return lines;
  }
}

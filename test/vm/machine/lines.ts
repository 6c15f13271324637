import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** An exchange of lines over a stream. */
export class Lines {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(socket: Socket) {
    this.#socket = socket;
    // A peer that has gone does not answer: next() reports it.
    socket.on('error', () => {});
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** Returns the next line, or undefined after the peer's end. */
  async next(): Promise<string | undefined> {
    const { done, value } = await this.#lines.next();
    return done ? undefined : value;
  }
}

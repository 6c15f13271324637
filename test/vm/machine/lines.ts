import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A conversation in lines. */
export class Lines {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Who has gone does not answer: next() says so.
    socket.on('error', () => {});
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** The next line; undefined when the other side has ended. */
  async next(): Promise<string | undefined> {
    const { done, value } = await this.#lines.next();
    return done ? undefined : value;
  }
}

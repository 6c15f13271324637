import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { LineReader } from './line-reader.ts';
import { type DavitMessage, decode, encode, type ProgramMessage } from './messages.ts';

/** What one call of the program's gets from the davit that carries it out. */
interface CallListener {
  /** A davit carries out the call. */
  connected(answer: (message: ProgramMessage) => void): void;
  /** `answer` sends a message back. */
  receive(message: DavitMessage, answer: (message: ProgramMessage) => void): void;
}

/** The program's end of the connections to the davits that it has started. Keeps no program alive. */
export class ProgramEnd implements Disposable {
  readonly path: string;
  readonly #server: Server;
  readonly #listeners = new Map<number, CallListener>();
  #calls = 0;

  /** Listens in `directory`, which only the program's user may open. */
  constructor(directory: string) {
    this.path = join(directory, 'calls');
    this.#server = createServer((socket) => this.#read(socket));
    // A davit that cannot connect says nothing, and its call fails.
    this.#server.on('error', () => {});
    // In this process and at once, also in a worker of node:cluster.
    this.#server.listen({ path: this.path, exclusive: true }).unref();
  }

  /** Registers a call. Returns its number. */
  add(listener: CallListener): number {
    const call = this.#calls++;
    this.#listeners.set(call, listener);
    return call;
  }

  /** Drops a call that has ended. */
  remove(call: number): void {
    this.#listeners.delete(call);
  }

  [Symbol.dispose](): void {
    this.#server.close();
    rmSync(this.path, { force: true });
  }

  #read(socket: Socket): void {
    const lines = new LineReader();
    const answer = (message: ProgramMessage) => void socket.write(encode(message));
    let listener: CallListener | undefined;
    socket.unref();
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk)) {
        const message = decode<DavitMessage>(line);
        if (message.type === 'call') {
          listener = this.#listeners.get(message.call);
          listener?.connected(answer);
        } else listener?.receive(message, answer);
      }
    });
  }
}

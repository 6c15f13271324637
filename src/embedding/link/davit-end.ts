import { closeSync, readSync, writeSync } from 'node:fs';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { LifecycleBus } from '../../lifecycle/bus.ts';
import { connectUnix, SOCK_NONBLOCK, SOCK_STREAM } from '../../syscalls/network/socket.ts';
import { POLLIN, POLLOUT } from '../../syscalls/poll/poll.ts';
import { pollOnEventLoop } from '../../syscalls/poll/poll-on-event-loop.ts';
import type { LinkAddress } from './address.ts';
import { LineReader } from './line-reader.ts';
import { type DavitMessage, decode, encode, type ProgramMessage } from './messages.ts';

const CHUNK = 64 * 1024;

/**
 * davit's end of the connection to the program that has started it. The program gets the events and
 * questions that it wants, and how the command ended, in place of a text on standard error.
 */
export class DavitEnd implements Disposable {
  /** The parent of the command's bus. */
  readonly bus = new LifecycleBus();
  readonly #address: LinkAddress;
  readonly #lines = new LineReader();
  /** -1 before the first message, and once the program has gone. */
  #socket = -1;
  #connected = false;
  /** What the socket did not take yet. */
  #unsent: Buffer = Buffer.alloc(0);
  #asked = 0;
  #received: ProgramMessage[] = [];

  constructor(address: LinkAddress) {
    this.#address = address;
    for (const event of address.events) {
      const tell = (payload: unknown) => this.#send({ type: 'event', event, payload });
      this.bus.on(event as 'stage:after', tell, { canWait: true });
    }
    for (const question of address.questions) {
      this.bus.intercept(question as never, (about: unknown) => this.#ask(question, about));
    }
  }

  /** Tells the program that the command has succeeded. */
  async ended(status: number): Promise<void> {
    this.#send({ type: 'ended', status });
    await this.#sendRest();
  }

  /** Tells the program why the command has failed. False if nobody can be told. */
  async failed(error: unknown): Promise<boolean> {
    this.#send({
      type: 'failed',
      error: error instanceof Error ? error : new Error(String(error)),
    });
    await this.#sendRest();
    return this.#socket >= 0;
  }

  [Symbol.dispose](): void {
    if (this.#socket >= 0) closeSync(this.#socket);
    this.#socket = -1;
  }

  /** Throws the program's veto. */
  async #ask(question: string, about: unknown): Promise<void> {
    const id = this.#asked++;
    this.#send({ type: 'ask', question, about, id });
    await this.#sendRest();
    for (;;) {
      const at = this.#received.findIndex(
        (message) => message.type === 'answer' && message.id === id,
      );
      const [answer] = at < 0 ? [] : this.#received.splice(at, 1);
      if (answer?.type === 'answer') {
        if (answer.error !== undefined) throw answer.error;
        return;
      }
      await this.#receive();
    }
  }

  async #receive(): Promise<void> {
    await pollOnEventLoop([{ fd: this.#socket, events: POLLIN, revents: 0 }], -1);
    const chunk = Buffer.allocUnsafe(CHUNK);
    const length = this.#socket < 0 ? 0 : readSync(this.#socket, chunk);
    if (length === 0) throw new RuntimeError('the program that embeds davit has gone');
    const lines = this.#lines.push(chunk.subarray(0, length));
    this.#received.push(...lines.map((line) => decode<ProgramMessage>(line)));
  }

  #send(message: DavitMessage): void {
    if (!this.#connected) {
      this.#connected = true;
      this.#connect();
      this.#send({ type: 'call', call: this.#address.call });
    }
    if (this.#socket < 0) return;
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(encode(message))]);
    this.#write();
  }

  /** A program that has gone is told nothing. */
  #connect(): void {
    try {
      this.#socket = connectUnix(SOCK_STREAM | SOCK_NONBLOCK, this.#address.socket);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ECONNREFUSED', 'EAGAIN')) throw error;
    }
  }

  #write(): void {
    try {
      while (this.#unsent.length > 0) {
        this.#unsent = this.#unsent.subarray(writeSync(this.#socket, this.#unsent));
      }
    } catch (error) {
      if (hasErrno(error, 'EAGAIN')) return;
      if (!hasErrno(error, 'EPIPE', 'ECONNRESET')) throw error;
      this[Symbol.dispose]();
    }
  }

  async #sendRest(): Promise<void> {
    while (this.#socket >= 0 && this.#unsent.length > 0) {
      await pollOnEventLoop([{ fd: this.#socket, events: POLLOUT, revents: 0 }], -1);
      this.#write();
    }
  }
}

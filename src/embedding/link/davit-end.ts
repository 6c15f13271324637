import { closeSync, readSync, writeSync } from 'node:fs';
import { LifecycleBus } from '../../bus/bus.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { connectUnix, SOCK_NONBLOCK, SOCK_STREAM } from '../../syscalls/network/socket.ts';
import { POLLIN, POLLOUT } from '../../syscalls/poll/poll.ts';
import { pollOnEventLoop } from '../../syscalls/poll/poll-on-event-loop.ts';
import { ProgramTerminal } from '../../terminal/program-terminal.ts';
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
  /** The program's terminal, if it has one for the container's program. */
  readonly terminal: ProgramTerminal | undefined;
  readonly #address: LinkAddress;
  readonly #lines = new LineReader();
  /** -1 before the first message, and once the program has gone. */
  #socket = -1;
  #connected = false;
  /** What the socket did not take yet. */
  #unsent: Buffer = Buffer.alloc(0);
  #nextQuestion = 0;
  #received: ProgramMessage[] = [];

  constructor(address: LinkAddress) {
    this.#address = address;
    const { terminal } = address;
    this.terminal = terminal && new ProgramTerminal(terminal, () => void this.#listen());
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
    const id = this.#nextQuestion++;
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
      if (!(await this.#receive())) {
        throw new RuntimeError('the program that embeds davit has gone');
      }
    }
  }

  /** Waits for messages until the program has gone. */
  async #listen(): Promise<void> {
    this.#open();
    while (await this.#receive());
  }

  /** Waits for messages. False if the program has gone. */
  async #receive(): Promise<boolean> {
    if (this.#socket < 0) return false;
    await pollOnEventLoop([{ fd: this.#socket, events: POLLIN, revents: 0 }], -1);
    const chunk = this.#socket < 0 ? Buffer.alloc(0) : this.#read();
    if (chunk?.length === 0) return false;
    for (const line of chunk ? this.#lines.push(chunk) : []) {
      const message = decode<ProgramMessage>(line);
      if (message.type === 'resize') this.terminal?.setSize(message);
      else this.#received.push(message);
    }
    return true;
  }

  /** Empty at the end; undefined if another has read what there was. */
  #read(): Buffer | undefined {
    const chunk = Buffer.allocUnsafe(CHUNK);
    try {
      return chunk.subarray(0, readSync(this.#socket, chunk));
    } catch (error) {
      if (hasErrno(error, 'EAGAIN')) return undefined;
      if (hasErrno(error, 'ECONNRESET')) return chunk.subarray(0, 0);
      throw error;
    }
  }

  #send(message: DavitMessage): void {
    this.#open();
    if (this.#socket < 0) return;
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(encode(message))]);
    this.#write();
  }

  /** Connects at the first message. A program that has gone is told nothing. */
  #open(): void {
    if (this.#connected) return;
    this.#connected = true;
    try {
      this.#socket = connectUnix(SOCK_STREAM | SOCK_NONBLOCK, this.#address.socket);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ECONNREFUSED', 'EAGAIN')) throw error;
    }
    this.#send({ type: 'call', call: this.#address.call });
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

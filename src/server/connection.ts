import { closeSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';
import {
  ANSWER,
  ANSWER_HEADER_SIZE,
  DOOR_FDS,
  EXIT,
  FORK,
  MAX_TEXT,
  TOLD,
} from '../machine/front/door.ts';
import {
  type Received,
  receiveInto,
  receiveMessage,
  sendMessage,
} from '../syscalls/network/socket.ts';
import { POLLIN, POLLOUT, poll } from '../syscalls/poll/poll.ts';
import { readyWithin } from '../syscalls/poll/poll-on-event-loop.ts';

/** How long a front may take to send its request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 1000;

const TOLD_FIELDS = [TOLD.kind, TOLD.value, TOLD.pid];

/** What a front tells: see TOLD_KIND. */
export interface Told {
  kind: number;
  value: number;
  pid: number;
  fd: number | undefined;
}

/** The connection of one front, which is non-blocking. */
export class Connection {
  readonly socket: number;

  constructor(socket: number) {
    this.socket = socket;
  }

  /**
   * The front's request, read through `buffer`. Throws EAGAIN if it does not come, and for one that
   * is longer than the buffer.
   */
  async receive(buffer: Buffer): Promise<Received> {
    const ready = poll([{ fd: this.socket, events: POLLIN, revents: 0 }], 0) > 0;
    if (!ready) await this.#poll(POLLIN, REQUEST_TIMEOUT_MS);
    return this.#receive(buffer);
  }

  /** Copies the request: the next front's is read into the same buffer before this one is parsed. */
  #receive(buffer: Buffer): Received {
    const { bytes, fds } = receiveInto(this.socket, buffer, DOOR_FDS.length);
    return { bytes: Buffer.from(bytes), fds };
  }

  /** Sends what the command has printed to the front's fd `to`. Throws EPIPE if the front has gone. */
  async sendOutput(to: number, text: Buffer): Promise<void> {
    for (let at = 0; at < text.length; at += MAX_TEXT) {
      await this.#send(ANSWER.output, to, text.subarray(at, at + MAX_TEXT));
    }
  }

  /** Ends the front, which first reaps `reaped`: a pid, ANY_CHILD or NO_CHILD. */
  sendExit(status: number, reaped: number): Promise<void> {
    const text = Buffer.alloc(EXIT.size);
    text.writeInt32LE(reaped, EXIT.reaped);
    return this.#send(ANSWER.exit, status, text);
  }

  sendCold(): Promise<void> {
    return this.#send(ANSWER.cold, 0);
  }

  /** Has the front fork. `text` is as FORK has it. */
  sendFork(text: Uint8Array, fds: readonly [socket: number, cgroup: number]): Promise<void> {
    return this.#send(ANSWER.fork, FORK.size, text, fds);
  }

  /** From now on the front tells signals and ends of children. */
  sendSupervise(): Promise<void> {
    return this.#send(ANSWER.supervise, 0);
  }

  /** Has the front reap a child that has ended, and tell its end. */
  sendReap(pid: number): Promise<void> {
    return this.#send(ANSWER.reap, pid);
  }

  /**
   * What the front tells next, within `timeout` milliseconds (-1: no limit). Undefined if it says
   * nothing, or has gone.
   */
  async hear(timeout: number): Promise<Told | undefined> {
    await this.#poll(POLLIN, timeout);
    try {
      const { bytes, fds } = receiveMessage(this.socket, TOLD.size, 1);
      if (bytes.length === TOLD.size) {
        const [kind, value, pid] = TOLD_FIELDS.map((at) => bytes.readInt32LE(at));
        return { kind: kind!, value: value!, pid: pid!, fd: fds[0] };
      }
      for (const fd of fds) closeSync(fd);
    } catch (error) {
      if (!hasErrno(error, 'EAGAIN', 'ECONNRESET')) throw error;
    }
    return undefined;
  }

  /** False once the front has gone. */
  get isOpen(): boolean {
    const polled = { fd: this.socket, events: 0, revents: 0 };
    return poll([polled], 0) === 0;
  }

  close(): void {
    closeSync(this.socket);
  }

  async #send(
    kind: number,
    value: number,
    text: Uint8Array = new Uint8Array(),
    fds: readonly number[] = [],
  ): Promise<void> {
    const header = Buffer.alloc(ANSWER_HEADER_SIZE);
    header.writeUInt32LE(kind, 0);
    header.writeUInt32LE(value, 4);
    const message = Buffer.concat([header, text]);
    for (;;) {
      try {
        sendMessage(this.socket, message, fds);
        return;
      } catch (error) {
        if (!hasErrno(error, 'EAGAIN')) throw error;
        await this.#poll(POLLOUT, -1);
      }
    }
  }

  #poll(events: number, timeout: number): Promise<void> {
    return readyWithin([{ fd: this.socket, events }], timeout);
  }
}

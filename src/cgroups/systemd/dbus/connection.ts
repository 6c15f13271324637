import { closeSync, readSync, writeSync } from 'node:fs';
import { RuntimeError } from '../../../errors/runtime-error.ts';
import { hasErrno } from '../../../errors/syscall-error.ts';
import { connectUnix, SOCK_NONBLOCK, SOCK_STREAM } from '../../../syscalls/network/socket.ts';
import type { EventLoop } from '../../../syscalls/poll/event-loop.ts';
import { POLLIN, poll } from '../../../syscalls/poll/poll.ts';
import { monotonicMs } from '../../../syscalls/time/monotonic.ts';
import {
  decodeMessage,
  ERROR,
  encodeMessage,
  METHOD_CALL,
  METHOD_RETURN,
  type Message,
  messageLength,
  SIGNAL,
} from './message.ts';
import type { DBusValue } from './values.ts';

/** How long an answer may take, in ms: libdbus' default. */
const TIMEOUT_MS = 25_000;

/** How long to wait before a bus is asked again that had no room, in ms. */
const RETRY_MS = 20;

/** A method's error reply. */
export class DBusError extends Error {
  override readonly name = 'DBusError';
  /** `org.freedesktop.systemd1.UnitExists`. */
  readonly errorName: string;

  constructor(errorName: string, message: string) {
    super(message);
    this.errorName = errorName;
  }
}

interface MethodCall {
  destination?: string | undefined;
  path: string;
  interface: string;
  member: string;
  /** Types of the arguments. */
  signature?: string;
  body?: readonly DBusValue[];
}

/**
 * A connection to a D-Bus server's socket. A process that runs one command waits without an event
 * loop, which every D-Bus client on npm needs.
 */
export class Connection {
  readonly #fd: number;
  readonly #eventLoop: EventLoop | undefined;
  #received: Buffer = Buffer.alloc(0);
  #signals: Message[] = [];
  #serial = 0;

  private constructor(fd: number, eventLoop: EventLoop | undefined) {
    this.#fd = fd;
    this.#eventLoop = eventLoop;
  }

  /**
   * Connects and authenticates: the kernel tells the server the uid, in its user namespace. The
   * connection waits on `eventLoop`, if there is one.
   */
  static async open(path: string, eventLoop?: EventLoop): Promise<Connection> {
    const connect = () => connectUnix(SOCK_STREAM | SOCK_NONBLOCK, path);
    const connection = new Connection(await whenRoom(connect, eventLoop), eventLoop);
    try {
      await connection.#authenticate();
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Calls a method and returns its result. Throws {@link DBusError} for an error reply. */
  async call(call: MethodCall): Promise<readonly DBusValue[]> {
    const serial = ++this.#serial;
    await this.#write(encodeMessage({ body: [], ...call, type: METHOD_CALL, serial }));
    const deadline = monotonicMs() + TIMEOUT_MS;
    for (;;) {
      const message = await this.#receive(deadline);
      if (message === undefined) throw new RuntimeError(`no answer to ${call.member} from D-Bus`);
      if (message.type === SIGNAL) this.#signals.push(message);
      if (message.replySerial !== serial) continue;
      if (message.type === METHOD_RETURN) return message.body;
      if (message.type === ERROR) {
        throw new DBusError(message.errorName ?? '', String(message.body[0] ?? message.errorName));
      }
    }
  }

  /** The next signal; undefined when none comes before `deadline` ({@link monotonicMs}). */
  async nextSignal(deadline: number): Promise<Message | undefined> {
    const waiting = this.#signals.shift();
    if (waiting) return waiting;
    for (;;) {
      const message = await this.#receive(deadline);
      if (message === undefined || message.type === SIGNAL) return message;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** D-Bus specification, "Authentication Protocol": EXTERNAL, with the identity of the socket. */
  async #authenticate(): Promise<void> {
    await this.#write(Buffer.from('\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n'));
    const deadline = monotonicMs() + TIMEOUT_MS;
    for (;;) {
      const end = this.#received.indexOf('\r\n');
      if (end === -1) {
        if (!(await this.#read(deadline))) throw new RuntimeError('no answer from D-Bus');
        continue;
      }
      const line = this.#received.toString('latin1', 0, end);
      this.#received = this.#received.subarray(end + 2);
      if (line.startsWith('OK ')) return;
      if (!line.startsWith('DATA'))
        throw new RuntimeError(`D-Bus refused the authentication: ${line}`);
    }
  }

  async #receive(deadline: number): Promise<Message | undefined> {
    for (;;) {
      const length = messageLength(this.#received);
      if (length !== undefined && this.#received.length >= length) {
        const message = decodeMessage(this.#received.subarray(0, length));
        this.#received = this.#received.subarray(length);
        return message;
      }
      if (!(await this.#read(deadline))) return undefined;
    }
  }

  /** False when nothing came before `deadline`. */
  async #read(deadline: number): Promise<boolean> {
    const patience = Math.max(0, Math.ceil(deadline - monotonicMs()));
    if (!(await isReadable(this.#fd, patience, this.#eventLoop))) return false;
    const buffer = Buffer.alloc(4096);
    const length = readSync(this.#fd, buffer);
    if (length === 0) throw new RuntimeError('D-Bus has closed the connection');
    this.#received = Buffer.concat([this.#received, buffer.subarray(0, length)]);
    return true;
  }

  async #write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const start = at;
      at += await whenRoom(() => writeSync(this.#fd, bytes, start), this.#eventLoop);
    }
  }
}

/**
 * Tries again while the bus has no room for a connection or a message, as when it is stopped:
 * connect(2) and write(2) would block the event loop.
 */
async function whenRoom<T>(attempt: () => T, eventLoop: EventLoop | undefined): Promise<T> {
  const deadline = monotonicMs() + TIMEOUT_MS;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!hasErrno(error, 'EAGAIN') || monotonicMs() >= deadline) throw error;
    }
    await isReadable(NO_FD, RETRY_MS, eventLoop);
  }
}

/** poll(2) ignores it: only the time passes. */
const NO_FD = -1;

/** Waits at most `patience` milliseconds, on the event loop if there is one. */
async function isReadable(
  fd: number,
  patience: number,
  eventLoop: EventLoop | undefined,
): Promise<boolean> {
  await eventLoop?.readable(fd, patience);
  return poll([{ fd, events: POLLIN, revents: 0 }], eventLoop ? 0 : patience) > 0;
}

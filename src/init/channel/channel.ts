import { readSync, writeSync } from 'node:fs';
import { hasErrno } from '../../errors/syscall-error.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import {
  receiveInto,
  SOCK_SEQPACKET,
  sendMessage,
  socketpair,
} from '../../syscalls/network/socket.ts';
import { POLLIN, poll } from '../../syscalls/poll/poll.ts';
import { BORN, EXEC_FAILURE_SIZE, MAX_PACKET, type Message } from './protocol.ts';

/** A trampoline's failure: which of its calls, and the errno. */
export interface ExecFailure {
  type: 'exec-failure';
  call: number;
  errno: number;
}

/** A seccomp listener that init holds: the runtime takes it, then answers. */
export interface SeccompListener {
  type: 'seccomp-listener';
  /** init's fd. */
  fd: number;
}

/** The child that goes on in the pid namespace, in place of the process that reports it. */
export interface Born {
  type: 'born';
  /** In the runtime's pid namespace. */
  pid: number;
}

/** One end of the runtime–init socket. Calls block; protocol.ts has the order of messages. */
export class Channel implements Disposable {
  readonly fd: number;
  /** The fd to write to: a FIFO, or the same socket. */
  readonly #out: number;
  /** A FIFO by which the other end also writes, once it has a seccomp filter; closed elsewhere. */
  #aside = -1;
  #open = true;
  /** The buffer for every packet: most are short, and untouched memory costs nothing. */
  readonly #packet = Buffer.allocUnsafeSlow(MAX_PACKET);

  constructor(fd: number, out = fd) {
    this.fd = fd;
    this.#out = out;
  }

  static pair(): [runtime: Channel, init: Channel] {
    const [a, b] = socketpair(SOCK_SEQPACKET);
    return [new Channel(a), new Channel(b)];
  }

  #sendBytes(bytes: Uint8Array, fds: readonly number[] = []): void {
    if (this.ofFifos) writeSync(this.#out, bytes);
    else sendMessage(this.fd, bytes, fds);
  }

  alsoReceiveFrom(fifo: number): void {
    this.#aside = fifo;
  }

  send(message: Message, fds: readonly number[] = []): void {
    this.#sendBytes(Buffer.from(JSON.stringify(message)), fds);
  }

  /** For a trampoline, which knows no JSON. */
  sendText(text: string): void {
    this.#sendBytes(Buffer.from(text));
  }

  /** The fd to write to. */
  get out(): number {
    return this.#out;
  }

  /** True with FIFOs: the other end then cannot see that this one is gone. */
  get ofFifos(): boolean {
    return this.#out !== this.fd;
  }

  /** The next message, or `undefined` at the end of the connection. */
  receive(): Message | ExecFailure | SeccompListener | Born | undefined {
    const bytes = this.#receivePacket();
    if (bytes.length === 0) return undefined;
    if (bytes.length === EXEC_FAILURE_SIZE) {
      const call = bytes.readInt32LE(0);
      const errno = bytes.readInt32LE(4);
      if (errno > 0) return { type: 'exec-failure', call, errno };
      return call === BORN
        ? { type: 'born', pid: -errno }
        : { type: 'seccomp-listener', fd: -errno };
    }
    return JSON.parse(bytes.toString()) as Message;
  }

  /** The fds that packets are read from. */
  get inputs(): number[] {
    return this.#aside < 0 ? [this.fd] : [this.fd, this.#aside];
  }

  /** Waits for a message, or the end of the connection, at most `timeout` milliseconds. */
  readable(timeout: number): boolean {
    return areReadable(this.inputs, timeout);
  }

  /** Packets of the socket come first, then those of the FIFO, then the end of the connection. */
  #receivePacket(): Buffer {
    if (this.ofFifos) return this.#readFifo(this.fd);
    if (this.#aside < 0) return this.#receiveFromSocket();
    const bytes = this.#awaitEither() ? this.#receiveFromSocket() : Buffer.alloc(0);
    return bytes.length === 0 && areReadable([this.#aside], 0)
      ? this.#readFifo(this.#aside)
      : bytes;
  }

  /** Waits for a packet; true when the socket has one. */
  #awaitEither(): boolean {
    areReadable(this.inputs, -1);
    return areReadable([this.fd], 0);
  }

  #readFifo(fifo: number): Buffer {
    return this.#packet.subarray(0, readSync(fifo, this.#packet));
  }

  /** ECONNRESET, too, is the end of the connection: the other end died with a message unread. */
  #receiveFromSocket(): Buffer {
    try {
      return receiveInto(this.fd, this.#packet).bytes;
    } catch (error) {
      if (hasErrno(error, 'ECONNRESET')) return Buffer.alloc(0);
      throw error;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeFd(this.fd);
    if (this.ofFifos) closeFd(this.#out);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const areReadable = (fds: readonly number[], timeout: number): boolean =>
  poll(
    fds.map((fd) => ({ fd, events: POLLIN, revents: 0 })),
    timeout,
  ) > 0;

import { readSync, writeSync } from 'node:fs';
import { hasErrno } from '../../errors/syscall-error.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { receiveInto, sendMessage } from '../../syscalls/network/socket.ts';
import { POLLIN, poll } from '../../syscalls/poll/poll.ts';
import {
  type InitMessage,
  MAX_PACKET,
  type RuntimeMessage,
  type TrampolineReport,
} from './protocol.ts';
import { decodeInitMessage, decodeRuntimeMessage, toPacket } from './wire.ts';

/** For every packet, which is decoded before the next: untouched memory costs nothing. */
const buffer = Buffer.allocUnsafeSlow(MAX_PACKET);

/** One end of the runtime–init socket. Calls block; protocol.ts has the order of messages. */
abstract class Channel<Sent extends RuntimeMessage | InitMessage, Received> implements Disposable {
  readonly fd: number;
  #open = true;
  constructor(fd: number) {
    this.fd = fd;
  }

  send(message: Sent, fds: readonly number[] = []): void {
    this.sendBytes(toPacket(message), fds);
  }

  /** The next message, or `undefined` at the end of the connection. */
  receive(): Received | undefined {
    const packet = this.receivePacket();
    return packet.length === 0 ? undefined : this.decode(packet);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.closeFds();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected abstract decode(packet: Buffer): Received;

  protected sendBytes(bytes: Uint8Array, fds: readonly number[] = []): void {
    sendMessage(this.fd, bytes, fds);
  }

  /** ECONNRESET means the end of the connection: the other end died with a message unread. */
  protected receivePacket(): Buffer {
    try {
      return receiveInto(this.fd, buffer).bytes;
    } catch (error) {
      if (hasErrno(error, 'ECONNRESET')) return Buffer.alloc(0);
      throw error;
    }
  }

  protected closeFds(): void {
    closeFd(this.fd);
  }
}

/** init's end. */
export class InitChannel extends Channel<InitMessage, RuntimeMessage> {
  protected override decode(packet: Buffer): RuntimeMessage {
    return decodeRuntimeMessage(packet);
  }
}

/** The runtime's end. */
export class RuntimeChannel extends Channel<RuntimeMessage, InitMessage | TrampolineReport> {
  /** The fd to write to: a FIFO, or the same socket. */
  readonly out: number;
  /** A FIFO by which the other end also writes, once it has a seccomp filter; closed elsewhere. */
  #aside = -1;

  constructor(fd: number, out = fd) {
    super(fd);
    this.out = out;
  }

  alsoReceiveFrom(fifo: number): void {
    this.#aside = fifo;
  }

  /** For a trampoline, which cannot read JSON. */
  sendText(text: string): void {
    this.sendBytes(Buffer.from(text));
  }

  /** True with FIFOs: the other end then cannot see that this one is gone. */
  get ofFifos(): boolean {
    return this.out !== this.fd;
  }

  /** The fds that become readable with the next message, or the end of the connection. */
  get inputs(): number[] {
    return this.#aside < 0 ? [this.fd] : [this.fd, this.#aside];
  }

  /** Lets init go on, where that takes this thread. Then `inputs` tell what to wait for. */
  proceed(): void {}

  /** Waits for a message, or the end of the connection, at most `timeout` milliseconds. */
  readable(timeout: number): boolean {
    return areReadable(this.inputs, timeout);
  }

  protected override decode(packet: Buffer): InitMessage | TrampolineReport {
    return decodeInitMessage(packet);
  }

  protected override sendBytes(bytes: Uint8Array, fds: readonly number[] = []): void {
    if (this.ofFifos) writeSync(this.out, bytes);
    else super.sendBytes(bytes, fds);
  }

  /** Packets of the socket come first, then those of the FIFO, then the end of the connection. */
  protected override receivePacket(): Buffer {
    if (this.ofFifos) return this.#readFifo(this.fd);
    if (this.#aside < 0) return super.receivePacket();
    const bytes = this.#awaitEither() ? super.receivePacket() : Buffer.alloc(0);
    return bytes.length === 0 && areReadable([this.#aside], 0)
      ? this.#readFifo(this.#aside)
      : bytes;
  }

  protected override closeFds(): void {
    super.closeFds();
    if (this.ofFifos) closeFd(this.out);
  }

  /** Waits for a packet; true when the socket has one. */
  #awaitEither(): boolean {
    areReadable(this.inputs, -1);
    return areReadable([this.fd], 0);
  }

  #readFifo(fifo: number): Buffer {
    return buffer.subarray(0, readSync(fifo, buffer));
  }
}

const areReadable = (fds: readonly number[], timeout: number): boolean =>
  poll(
    fds.map((fd) => ({ fd, events: POLLIN, revents: 0 })),
    timeout,
  ) > 0;

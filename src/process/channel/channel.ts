import { closeSync } from 'node:fs';
import { failedWith } from '../../errors/syscall-error.ts';
import { POLLIN, poll } from '../../syscalls/poll.ts';
import { receiveInto, SOCK_SEQPACKET, sendMessage, socketpair } from '../../syscalls/socket.ts';
import { EXEC_FAILURE_SIZE, MAX_PACKET, type Message } from './protocol.ts';

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

/** One end of the runtime–init socket. Calls wait; see protocol.ts for who says what when. */
export class Channel {
  readonly fd: number;
  #open = true;
  /** For every packet the same: most are short, and untouched memory costs nothing. */
  readonly #packet = Buffer.allocUnsafeSlow(MAX_PACKET);

  constructor(fd: number) {
    this.fd = fd;
  }

  static pair(): [runtime: Channel, init: Channel] {
    const [a, b] = socketpair(SOCK_SEQPACKET);
    return [new Channel(a), new Channel(b)];
  }

  send(message: Message, fds: readonly number[] = []): void {
    sendMessage(this.fd, Buffer.from(JSON.stringify(message)), fds);
  }

  /** The next message, or `undefined` at the end of the connection. */
  receive(): Message | ExecFailure | SeccompListener | undefined {
    const bytes = this.#receivePacket();
    if (bytes.length === 0) return undefined;
    if (bytes.length === EXEC_FAILURE_SIZE) {
      const errno = bytes.readInt32LE(4);
      if (errno <= 0) return { type: 'seccomp-listener', fd: -errno };
      return { type: 'exec-failure', call: bytes.readInt32LE(0), errno };
    }
    return JSON.parse(bytes.toString()) as Message;
  }

  /** Waits for a message, or the end of the connection, at most `timeout` milliseconds. */
  readable(timeout: number): boolean {
    return poll([{ fd: this.fd, events: POLLIN, revents: 0 }], timeout) > 0;
  }

  /** An end that died with our message unread resets the connection: that is its end, too. */
  #receivePacket(): Buffer {
    try {
      return receiveInto(this.fd, this.#packet).bytes;
    } catch (error) {
      if (failedWith(error, 'ECONNRESET')) return Buffer.alloc(0);
      throw error;
    }
  }

  close(): void {
    if (this.#open) closeSync(this.fd);
    this.#open = false;
  }
}

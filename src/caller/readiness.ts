import { closeSync } from 'node:fs';
import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { bindReadinessSocket } from '../state/readiness-socket.ts';
import { pipe2 } from '../syscalls/files/pipe.ts';
import { receiveDatagram, SOCK_DGRAM, sendMessage } from '../syscalls/network/socket.ts';
import { POLLIN, type PollFd } from '../syscalls/poll/poll.ts';
import { connectCallerSocket } from './caller-socket.ts';

/** The longest message, in bytes; as in runc. Messages of sd_notify(3) have a few dozen. */
const MAX_MESSAGE = 4096;

/** Tells the service manager that the program is ready, once the program says so: sd_notify(3). */
export class Readiness implements Disposable {
  /** For poll(2): readable when a message came. The fd is negative when none is waited for. */
  readonly polled: PollFd = { fd: -1, events: POLLIN, revents: 0 };
  readonly #address: string;
  readonly #manager: number;
  readonly #warn: (message: string) => void;
  #reachable = true;

  /** Connects to the service manager at NOTIFY_SOCKET: a path, or `@` and an abstract name. */
  constructor(address: string, warn: (message: string) => void) {
    if (!/^(\/|@.)/.test(address)) {
      throw new RuntimeError(
        `NOTIFY_SOCKET is ${JSON.stringify(address)}: expected an absolute path, or @ and an abstract name`,
      );
    }
    this.#address = address;
    this.#warn = warn;
    this.#manager = connectCallerSocket('NOTIFY_SOCKET', address, SOCK_DGRAM);
  }

  /**
   * Makes the socket that the program sends to, in the directory that the container has mounted.
   */
  listen(stateDir: string): void {
    try {
      this.polled.fd = bindReadinessSocket(stateDir);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
      throw new RuntimeError(
        'NOTIFY_SOCKET: the container was created without it, so its program cannot tell that it is ready',
        'create the container with NOTIFY_SOCKET in the environment, or start it without',
      );
    }
  }

  /**
   * Reads the message that poll(2) found. If it says READY=1: stops listening, sends READY=1 and
   * MAINPID=`mainPid` to the service manager, and returns true.
   */
  pass(mainPid: number): boolean {
    const message = receiveDatagram(this.polled.fd, MAX_MESSAGE).toString('latin1');
    if (!message.split('\n').includes('READY=1')) return false;
    this.#stop();
    this.#send('READY=1\n');
    this.#send(`MAINPID=${mainPid}\n`);
    return true;
  }

  /** Sends BARRIER=1: the returned pipe is at its end once the service manager has read all. */
  sendBarrier(): number {
    const [reader, writer] = pipe2();
    this.#send('BARRIER=1', [writer]);
    closeSync(writer);
    return reader;
  }

  warn(message: string): void {
    this.#warn(`NOTIFY_SOCKET ${this.#address}: ${message}`);
  }

  [Symbol.dispose](): void {
    this.#stop();
    closeSync(this.#manager);
  }

  #stop(): void {
    if (this.polled.fd >= 0) closeSync(this.polled.fd);
    Object.assign(this.polled, { fd: -1, revents: 0 });
  }

  /** A failure is a warning: the program runs, whether or not its service manager still listens. */
  #send(text: string, fds: readonly number[] = []): void {
    if (!this.#reachable) return;
    try {
      sendMessage(this.#manager, Buffer.from(text), fds);
    } catch (error) {
      this.#reachable = false;
      this.warn((error as Error).message);
    }
  }
}

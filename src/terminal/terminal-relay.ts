import { closeSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { hasErrno } from '../errors/syscall-error.ts';
import { POLLHUP, POLLIN, POLLOUT, type PollFd, poll } from '../syscalls/poll/poll.ts';
import { monotonicMs } from '../syscalls/time/monotonic.ts';
import { setNonblocking } from '../syscalls/tty/tty.ts';
import { type Output, openOutput, writeAvailable } from './output.ts';
import type { SignalQueue } from './signal-queue.ts';

const { SIGHUP, SIGINT, SIGQUIT, SIGTERM } = constants.signals;
const ENDING: ReadonlySet<number> = new Set([SIGHUP, SIGINT, SIGQUIT, SIGTERM]);

const BUFFER_SIZE = 64 * 1024;
/** How long the relay waits before it tries again to read an end that failed for now. */
const REST_MS = 100;
/** More than a pseudoterminal holds: so all that the container wrote before it ended is read. */
const KERNEL_BUFFER = 256 * 1024;

const idle = (): PollFd => ({ fd: -1, events: 0, revents: 0 });

/** Copies the caller's input to a terminal's master end, and what comes out of it to the caller. */
export class TerminalRelay {
  readonly #master: number;
  readonly #stdin: number;
  readonly #output: Output;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_SIZE);
  /** Read from the caller, not yet written to the master. */
  #input: Buffer = Buffer.alloc(0);
  /** Read from the master, not yet written to the caller. */
  #pending: Buffer = Buffer.alloc(0);
  #open = true;
  #stdinOpen = true;
  #masterRests = 0;
  #stdinRests = 0;

  /** For poll(2), with what the next {@link prepare} waits for. */
  readonly polled = { master: idle(), stdin: idle(), stdout: idle() };

  constructor(master: number, stdin: number, stdout: number) {
    this.#master = master;
    this.#stdin = stdin;
    this.#output = openOutput(stdout);
    setNonblocking(master);
  }

  get master(): number {
    return this.#master;
  }

  /** False once the caller stopped reading and the master end is closed. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Sets what to poll for; returns the timeout for it in milliseconds. */
  prepare(): number {
    const { master, stdin, stdout } = this.polled;
    const time = monotonicMs();
    const input = this.#input.length > 0;
    const output = this.#pending.length > 0;
    master.events = (output ? 0 : POLLIN) | (input ? POLLOUT : 0);
    // poll(2) reports a hangup even where no events are asked for: such an fd is left out.
    const askMaster = this.#open && master.events !== 0 && time >= this.#masterRests;
    const askStdin = this.#open && this.#stdinOpen && !input && time >= this.#stdinRests;
    master.fd = askMaster ? this.#master : -1;
    stdin.fd = askStdin ? this.#stdin : -1;
    stdin.events = POLLIN;
    stdout.fd = this.#open && output ? this.#output.fd : -1;
    stdout.events = POLLOUT;
    return time < Math.max(this.#masterRests, this.#stdinRests) ? REST_MS : -1;
  }

  /** Copies what poll(2) found ready. */
  copy(): void {
    const { master, stdin, stdout } = this.polled;
    if (stdin.fd !== -1 && stdin.revents !== 0) this.#readInput();
    if (master.fd !== -1 && master.revents & (POLLOUT | POLLHUP)) this.#writeInput();
    if (stdout.fd !== -1 && stdout.revents !== 0) this.#writeOutput();
    if (master.fd !== -1 && master.revents & (POLLIN | POLLHUP)) this.#readOutput();
  }

  /** Tries to read both ends again at once, as something may have changed. */
  wake(): void {
    this.#masterRests = 0;
    this.#stdinRests = 0;
  }

  /**
   * Writes out all that the terminal still holds, once the container's process has ended.
   * SIGHUP, SIGINT, SIGQUIT and SIGTERM stop that, as the caller may have stopped reading.
   */
  drain(signals: SignalQueue): void {
    const { master, stdout } = this.polled;
    const signalled: PollFd = { fd: signals.fd, events: POLLIN, revents: 0 };
    let left = KERNEL_BUFFER;
    while (this.#open) {
      if (this.#pending.length > 0) {
        Object.assign(stdout, { fd: this.#output.fd, events: POLLOUT });
        poll([stdout, signalled], -1);
        if (signals.take().some(({ signal }) => ENDING.has(signal))) return;
        if (stdout.revents !== 0) this.#writeOutput();
        continue;
      }
      Object.assign(master, { fd: this.#master, events: POLLIN });
      const ready = poll([master], 0);
      // While another process has the slave end open there is no end of file: read what is there.
      const hungUp = (master.revents & POLLHUP) !== 0;
      if (ready === 0 || (!hungUp && left <= 0)) return;
      const length = this.#readOutput();
      if (length === 0) return;
      left -= length;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#master);
    this.#output.close();
  }

  #readInput(): void {
    const buffer = Buffer.allocUnsafe(4096);
    try {
      const length = readSync(this.#stdin, buffer, 0, buffer.length, null);
      if (length === 0) this.#stdinOpen = false;
      this.#input = buffer.subarray(0, length);
    } catch (error) {
      if (hasErrno(error, 'EAGAIN')) return;
      // EIO: another process group is in the foreground, for now; or the terminal is gone.
      const background = hasErrno(error, 'EIO') && !(this.polled.stdin.revents & POLLHUP);
      if (background) this.#stdinRests = monotonicMs() + REST_MS;
      else this.#stdinOpen = false;
    }
  }

  #writeInput(): void {
    if (this.#input.length === 0) return;
    try {
      this.#input = this.#input.subarray(writeAvailable(this.#master, this.#input));
    } catch {
      this.#input = Buffer.alloc(0);
    }
  }

  /** Reads once; returns the number of bytes, 0 when there is nothing to read. */
  #readOutput(): number {
    if (this.#pending.length > 0) return 0;
    try {
      const length = readSync(this.#master, this.#buffer, 0, BUFFER_SIZE, null);
      this.#pending = this.#buffer.subarray(0, length);
      if (length > 0) return length;
    } catch (error) {
      if (hasErrno(error, 'EAGAIN')) return 0;
    }
    // EIO: the slave end is closed; the container may open it again by its name.
    this.#masterRests = monotonicMs() + REST_MS;
    return 0;
  }

  #writeOutput(): void {
    try {
      this.#pending = this.#pending.subarray(this.#output.write(this.#pending));
    } catch {
      // Nobody reads any more: hang up, so that the container gets SIGHUP and does not wait.
      this.close();
    }
  }
}

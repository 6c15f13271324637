import { readSync, writeSync } from 'node:fs';
import { PROGRESS_MS, type Progress } from '../caller/progress.ts';
import type { Hook } from '../config/types.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import type { ChildWatch } from '../init/watch-child.ts';
import { strsignal } from '../syscalls/ffi/libc.ts';
import { POLLIN, POLLOUT, type PollFd } from '../syscalls/poll/poll.ts';
import { endingSignal, exitCode } from '../syscalls/task/wait-status.ts';
import { monotonicMs } from '../syscalls/time/monotonic.ts';
import { setNonblocking } from '../syscalls/tty/tty.ts';
import type { HookInput } from './hook-calls.ts';
import type { HookPipes } from './hook-pipes.ts';

/** How much of a hook's output an error shows. */
const OUTPUT_LIMIT = 4096;
/** How long the pipe of an ended hook is read: a child of the hook may keep it open. */
const DRAIN_MS = 10;

/**
 * Writes the state to a hook and reads its output, in any order, until the hook ends. The caller
 * polls `polled` for `timeout` milliseconds and calls `act`, until `act` returns true.
 */
export class HookConversation implements Disposable {
  readonly #pipes: HookPipes;
  readonly #end: ChildWatch;
  readonly #pipe: PollFd;
  readonly #feed: PollFd;
  readonly #progress: Progress | undefined;
  readonly #told: string;
  readonly #limit: number | undefined;
  readonly #begin = monotonicMs();
  #unread: Uint8Array;
  #text = '';
  #timedOut = false;

  constructor(
    { path, timeout }: Hook,
    { name, stdin, progress }: HookInput,
    pipes: HookPipes,
    end: ChildWatch,
  ) {
    this.#pipes = pipes;
    this.#end = end;
    this.#pipe = { fd: pipes.output, events: POLLIN, revents: 0 };
    this.#feed = { fd: pipes.input, events: POLLOUT, revents: 0 };
    this.#progress = progress?.();
    this.#told = `hook ${name} ${path} has run for`;
    this.#limit = timeout;
    this.#unread = Buffer.from(stdin);
    // A state that is larger than the pipe makes poll(2) wait for the reader, not write(2).
    setNonblocking(pipes.input);
  }

  get polled(): readonly PollFd[] {
    return [this.#end.pollFd, this.#pipe, this.#feed];
  }

  get timeout(): number {
    if (this.#end.hasEnded) return DRAIN_MS;
    const ran = monotonicMs() - this.#begin;
    this.#progress?.show(() => `${this.#told} ${(ran / 1000).toFixed(0)} s`);
    const left = Math.min(this.#left(), this.#progress ? PROGRESS_MS : Infinity);
    return this.#end.pollTimeout(left === Infinity ? -1 : Math.ceil(left));
  }

  /** True when the hook has ended, or has outlasted its timeout: then it is to be killed. */
  act(): boolean {
    const wasOver = this.#end.hasEnded;
    const ready = this.polled.some(({ fd, revents }) => fd >= 0 && revents !== 0);
    const over = this.#end.check();
    if (!ready && !over) {
      this.#timedOut = this.#left() === 0;
      return this.#timedOut;
    }
    if (!ready && wasOver) return true;
    this.#write();
    this.#read();
    return over && this.#pipe.fd === -1;
  }

  /** Throws unless the hook has succeeded, by its wait status (bits/waitstatus.h). */
  judge(status: number): void {
    if (this.#timedOut)
      throw new Error(
        `hook ran past specified timeout of ${this.#limit!.toFixed(1)}s${this.#shown}`,
      );
    if (status !== 0) throw new Error(`${statusText(status)}${this.#shown}`);
  }

  [Symbol.dispose](): void {
    this.#progress?.[Symbol.dispose]();
  }

  /** Milliseconds until its timeout. */
  #left(): number {
    if (this.#limit === undefined) return Infinity;
    return Math.max(0, this.#begin + this.#limit * 1000 - monotonicMs());
  }

  #write(): void {
    if (this.#feed.fd === -1 || this.#feed.revents === 0) return;
    this.#unread = this.#unread.subarray(offer(this.#feed.fd, this.#unread));
    if (this.#unread.length > 0) return;
    this.#pipes.closeInput();
    this.#feed.fd = -1;
  }

  #read(): void {
    if (this.#pipe.fd === -1 || this.#pipe.revents === 0) return;
    const chunk = Buffer.alloc(OUTPUT_LIMIT);
    const length = readSync(this.#pipe.fd, chunk);
    if (length === 0) this.#pipe.fd = -1;
    this.#text = (this.#text + chunk.toString('utf8', 0, length)).slice(-OUTPUT_LIMIT);
  }

  get #shown(): string {
    return this.#text.trim() ? `, output: ${this.#text.trim()}` : '';
  }
}

/** Writes; returns the number of bytes, or all of them where the reader is gone. */
function offer(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (!hasErrno(error, 'EPIPE')) throw error;
    return bytes.length;
  }
}

/** As runc, which has the words of Go. */
function statusText(status: number): string {
  const signal = endingSignal(status);
  return signal === 0
    ? `exit status ${exitCode(status)}`
    : `signal: ${strsignal(signal).toLowerCase()}`;
}

import { constants } from 'node:os';
import type { Readiness } from '../caller/readiness.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import type { Forked } from '../init/fork/fork.ts';
import { type ChildWatch, watchChild } from '../init/watch-child.ts';
import { POLLIN, type PollFd } from '../syscalls/poll/poll.ts';
import type { SignalInfo } from '../syscalls/signal/signalfd.ts';
import { kill } from '../syscalls/signal/signals.ts';
import { waitpid } from '../syscalls/task/process.ts';
import type { SignalQueue } from './signal-queue.ts';
import { TerminalRelay } from './terminal-relay.ts';
import type { UserTerminal } from './user-terminal.ts';

const { SIGPIPE, SIGURG, SIGWINCH } = constants.signals;

export interface ForegroundRequest {
  /** The container's process, a child of this process. */
  process: Forked;
  /** Queued since before the fork. */
  signals: SignalQueue;
  /** For a process with a terminal: the master end, closed here, and the caller's terminal. */
  terminal?: { master: number; caller: UserTerminal } | undefined;
  /** Set where a service manager waits for readiness; davit stays the service's main process. */
  readiness?: Readiness | undefined;
}

/**
 * Stands in for the container's process until it ends: forwards signals, and copies the input and
 * output of its terminal. Use: in a loop, {@link prepare}, poll(2) {@link polled}, {@link act}.
 */
export class Foreground implements Disposable {
  /** For poll(2). */
  readonly polled: readonly PollFd[];
  readonly #process: Forked;
  readonly #signals: SignalQueue;
  readonly #caller: UserTerminal | undefined;
  readonly #readiness: Readiness | undefined;
  readonly #relay: TerminalRelay | undefined;
  readonly #queued: PollFd;
  readonly #end: ChildWatch & Disposable;

  constructor({ process, signals, terminal, readiness }: ForegroundRequest) {
    this.#process = process;
    this.#signals = signals;
    this.#caller = terminal?.caller;
    this.#readiness = readiness;
    this.#relay = terminal && new TerminalRelay(terminal.master, 0, 1);
    this.#queued = { fd: signals.fd, events: POLLIN, revents: 0 };
    this.#end = watchChild(process.pid);
    this.polled = [
      ...[this.#queued, this.#end.pollFd, ...(readiness ? [readiness.polled] : [])],
      ...(this.#relay ? Object.values(this.#relay.polled) : []),
    ];
  }

  /** Sets what to poll for; returns the timeout for it in milliseconds. */
  prepare(): number {
    return this.#end.pollTimeout(this.#relay ? this.#relay.prepare() : -1);
  }

  /**
   * Handles what poll(2) found. Once the process has ended and its terminal's output is written,
   * returns its exit code, or 128 + the signal that killed it.
   */
  act(): number | undefined {
    this.#relay?.copy();
    const readiness = this.#readiness;
    if (readiness && readiness.polled.revents !== 0) readiness.pass(process.pid);
    if (this.#queued.revents !== 0) {
      for (const signal of this.#signals.take()) this.#handle(signal);
    }
    if (!this.#end.check()) return undefined;
    const status = waitpid(this.#process.pid);
    this.#relay?.drain(this.#signals);
    return status;
  }

  /** Puts the caller's terminal back. */
  [Symbol.dispose](): void {
    this.#end[Symbol.dispose]();
    this.#relay?.close();
    this.#caller?.restore();
  }

  #handle({ signal, pid }: SignalInfo): void {
    this.#relay?.wake();
    switch (signal) {
      case SIGURG:
        return;
      case SIGWINCH:
        if (this.#relay?.isOpen) this.#caller?.resize(this.#relay.master);
        return;
      case SIGPIPE:
        // davit's own write raised it: the caller no longer reads.
        if (pid === process.pid) return;
    }
    this.#forward(signal);
  }

  #forward(signal: number): void {
    try {
      // The process is not reaped yet: no other process can have its pid.
      kill(this.#process.pid, signal);
    } catch (error) {
      // ESRCH: it has ended. EPERM: it is another user's, by a set-user-ID program.
      if (!hasErrno(error, 'ESRCH', 'EPERM')) throw error;
    }
  }
}

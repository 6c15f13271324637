import { constants } from 'node:os';
import type { Readiness } from '../caller/readiness.ts';
import { failedWith } from '../errors/syscall-error.ts';
import type { Forked } from '../init/fork/fork.ts';
import { type ChildWatch, watchChild } from '../init/watch-child.ts';
import { POLLIN, type PollFd } from '../syscalls/poll/poll.ts';
import type { SignalInfo } from '../syscalls/signal/signalfd.ts';
import { kill } from '../syscalls/signal/signals.ts';
import { waitpid } from '../syscalls/task/process.ts';
import type { CallerTerminal } from './caller-terminal.ts';
import type { SignalQueue } from './signal-queue.ts';
import { TerminalRelay } from './terminal-relay.ts';

const { SIGPIPE, SIGURG, SIGWINCH } = constants.signals;

export interface ForegroundRequest {
  /** The container's process, a child of ours. */
  process: Forked;
  /** Queued since before the fork. */
  signals: SignalQueue;
  /** With a terminal: its master end, closed here, and the caller's, already lent to it. */
  terminal?: { master: number; caller: CallerTerminal } | undefined;
  /** Where a service manager waits for the process to be ready; its own main process stays this one. */
  readiness?: Readiness | undefined;
}

/**
 * Stands in for the container's process until it ends: forwards signals, copies what passes through
 * its terminal. Whoever has one lets it {@link prepare}, polls {@link polled} and lets it {@link act},
 * again and again.
 */
export class Foreground {
  /** For poll(2). */
  readonly polled: readonly PollFd[];
  readonly #process: Forked;
  readonly #signals: SignalQueue;
  readonly #caller: CallerTerminal | undefined;
  readonly #readiness: Readiness | undefined;
  readonly #relay: TerminalRelay | undefined;
  readonly #queued: PollFd;
  readonly #end: ChildWatch;

  constructor({ process, signals, terminal, readiness }: ForegroundRequest) {
    this.#process = process;
    this.#signals = signals;
    this.#caller = terminal?.caller;
    this.#readiness = readiness;
    this.#relay = terminal && new TerminalRelay(terminal.master, 0, 1);
    this.#queued = { fd: signals.fd, events: POLLIN, revents: 0 };
    this.#end = watchChild(process.pid);
    this.polled = [
      ...[this.#queued, this.#end.polled, ...(readiness ? [readiness.polled] : [])],
      ...(this.#relay ? Object.values(this.#relay.polled) : []),
    ];
  }

  /** Sets what to poll for; returns the timeout for it in milliseconds. */
  prepare(): number {
    return this.#end.atMost(this.#relay ? this.#relay.prepare() : -1);
  }

  /**
   * Does what poll(2) found to be done. Once the process has ended and all that its terminal held is
   * written: its exit code, or 128 + the signal that killed it.
   */
  act(): number | undefined {
    this.#relay?.copy();
    const readiness = this.#readiness;
    if (readiness && readiness.polled.revents !== 0) readiness.pass(process.pid);
    if (this.#queued.revents !== 0) {
      for (const signal of this.#signals.take()) this.#handle(signal);
    }
    if (!this.#end.look()) return undefined;
    const status = waitpid(this.#process.pid);
    this.#relay?.drain(this.#signals);
    return status;
  }

  /** Puts the caller's terminal back. */
  close(): void {
    this.#end.close();
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
        // Of our own write to a caller who no longer reads.
        if (pid === process.pid) return;
    }
    this.#forward(signal);
  }

  #forward(signal: number): void {
    try {
      // Not reaped yet, the process still has its pid.
      kill(this.#process.pid, signal);
    } catch (error) {
      // Gone already; or it is another user's, as with a set-user-ID program and no privileges here.
      if (!failedWith(error, 'ESRCH', 'EPERM')) throw error;
    }
  }
}

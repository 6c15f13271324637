import { constants } from 'node:os';
import { failedWith } from '../errors/syscall-error.ts';
import { pidfdSendSignal } from '../syscalls/pidfd.ts';
import { POLLIN, type PollFd, poll } from '../syscalls/poll.ts';
import { waitpid } from '../syscalls/process.ts';
import type { SignalInfo } from '../syscalls/signalfd.ts';
import { findExitedChild } from '../syscalls/wait.ts';
import type { CallerTerminal } from './caller-terminal.ts';
import type { Readiness } from './readiness.ts';
import type { SignalQueue } from './signal-queue.ts';
import { TerminalRelay } from './terminal-relay.ts';

const { SIGCHLD, SIGPIPE, SIGURG, SIGWINCH } = constants.signals;

export interface Foreground {
  /** The container's process, a child of ours. */
  pid: number;
  pidfd: number;
  /** Queued since before the fork. */
  signals: SignalQueue;
  /** With a terminal: its master end, closed here, and the caller's, already lent to it. */
  terminal?: { master: number; caller: CallerTerminal } | undefined;
  /** Where a service manager waits for the process to be ready; its own main process stays this one. */
  readiness?: Readiness | undefined;
  /** The caller's, copied to and from the terminal. */
  stdin?: number;
  stdout?: number;
}

/**
 * Stands in for the container's process until it ends: forwards signals, copies what passes
 * through its terminal, reaps what is left to us. The caller's terminal is restored whatever happens.
 * `status` is its exit code, or 128 + the signal that killed it.
 */
export function waitForeground(foreground: Foreground): { status: number } {
  const { terminal, stdin = 0, stdout = 1 } = foreground;
  if (!terminal) return { status: attend(foreground, undefined) };
  const relay = new TerminalRelay(terminal.master, stdin, stdout);
  try {
    const status = attend(foreground, relay);
    relay.drain(foreground.signals);
    return { status };
  } finally {
    relay.close();
    terminal.caller.restore();
  }
}

function attend(foreground: Foreground, relay: TerminalRelay | undefined): number {
  const signals: PollFd = { fd: foreground.signals.fd, events: POLLIN, revents: 0 };
  const ended: PollFd = { fd: foreground.pidfd, events: POLLIN, revents: 0 };
  const { readiness } = foreground;
  const polled = [
    ...[signals, ended, ...(readiness ? [readiness.polled] : [])],
    ...(relay ? Object.values(relay.polled) : []),
  ];
  for (;;) {
    poll(polled, relay ? relay.prepare() : -1);
    relay?.copy();
    if (readiness && readiness.polled.revents !== 0) readiness.pass(process.pid);
    if (signals.revents !== 0) {
      for (const signal of foreground.signals.take()) act(signal, foreground, relay);
    }
    reapOthers(foreground.pid);
    if (ended.revents !== 0) return waitpid(foreground.pid)!;
  }
}

function act(
  { signal, pid }: SignalInfo,
  { pidfd, terminal }: Foreground,
  relay: TerminalRelay | undefined,
): void {
  relay?.wake();
  switch (signal) {
    case SIGCHLD:
    case SIGURG:
      return;
    case SIGWINCH:
      if (relay?.isOpen) terminal?.caller.resize(relay.master);
      return;
    case SIGPIPE:
      // Of our own write to a caller who no longer reads.
      if (pid === process.pid) return;
  }
  forward(pidfd, signal);
}

function forward(pidfd: number, signal: number): void {
  try {
    pidfdSendSignal(pidfd, signal);
  } catch (error) {
    // Gone already; or it is another user's, as with a set-user-ID program and no privileges here.
    if (!failedWith(error, 'ESRCH', 'EPERM')) throw error;
  }
}

/** Reaps the orphans that a subreaper gets, but for the container's own process. */
function reapOthers(main: number): void {
  for (let pid = findExitedChild(); pid !== undefined && pid !== main; pid = findExitedChild()) {
    waitpid(pid);
  }
}

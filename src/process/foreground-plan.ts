import { closeSync } from 'node:fs';
import type { InheritedFds } from '../lifecycle/context.ts';
import { SOCK_STREAM, socketpair } from '../syscalls/socket.ts';
import { CallerTerminal } from './caller-terminal.ts';
import { receiveTerminal } from './console-socket.ts';
import { waitForeground } from './foreground.ts';
import type { Forked } from './fork/fork.ts';
import { queueSignals } from './signal-queue.ts';

/** What `run` and `exec` hold while they stand in for the container's process. */
export interface ForegroundPlan {
  /** Takes the terminal's master end that init has sent, and lends the caller's to it. */
  takeTerminal(): void;
  /** Waits until the process ended: its exit status, 128 + n where signal n killed it. */
  wait(process: Forked): number;
  /** Puts the caller's terminal and signals back. */
  end(): void;
}

/**
 * Begins to stand in, before the fork: signals are queued from here on. With a terminal, init gets
 * a socket of ours in place of the caller's --console-socket.
 */
export function beginForeground(inherited: InheritedFds, terminal: boolean): ForegroundPlan {
  const caller = terminal ? CallerTerminal.find() : undefined;
  const [ours, theirs] = caller ? socketpair(SOCK_STREAM) : [-1, -1];
  if (caller) inherited.console = theirs;
  const signals = queueSignals();
  let master = -1;
  return {
    takeTerminal() {
      if (!caller) return;
      closeSync(theirs);
      inherited.console = -1;
      master = receiveTerminal(ours);
      caller.lendTo(master);
    },
    wait: ({ pid, pidfd }) =>
      waitForeground({
        pid,
        pidfd,
        signals,
        terminal: caller && { master, caller },
      }).status,
    end() {
      caller?.close();
      if (ours >= 0) closeSync(ours);
      signals.release();
    },
  };
}

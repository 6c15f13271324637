import { closeSync } from 'node:fs';
import type { Process } from '../config/types.ts';
import type { RuntimeContext } from '../lifecycle/context.ts';
import { SOCK_STREAM, socketpair } from '../syscalls/socket.ts';
import type { Attendance } from './attendance.ts';
import { CallerTerminal } from './caller-terminal.ts';
import { receiveTerminal } from './console-socket.ts';
import { waitForeground } from './foreground.ts';
import { queueSignals } from './signal-queue.ts';

/**
 * Begins to stand in, before the fork: signals are queued from here on. With a terminal, init gets
 * a socket of ours in place of the caller's --console-socket.
 */
export function beginForeground({ spec, inherited }: RuntimeContext): Attendance {
  const caller = spec.process?.terminal ? CallerTerminal.find() : undefined;
  const [ours, theirs] = caller ? socketpair(SOCK_STREAM) : [-1, -1];
  if (caller) {
    inherited.console = theirs;
    adoptSize(spec.process!, caller);
  }
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
    wait({ pid, pidfd }, readiness) {
      const terminal = caller && { master, caller };
      // Whoever waits closes it.
      master = -1;
      return waitForeground({ pid, pidfd, signals, terminal, readiness }).status;
    },
    end() {
      caller?.close();
      if (master >= 0) closeSync(master);
      if (ours >= 0) closeSync(ours);
      signals.release();
    },
  };
}

/** The program's first look at its terminal finds the caller's size. */
function adoptSize(program: Process, { size }: CallerTerminal): void {
  if (size) program.consoleSize = { height: size.rows, width: size.columns };
}

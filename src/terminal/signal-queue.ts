import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { readSignals, type SignalInfo, signalfd } from '../syscalls/signal/signalfd.ts';
import { blockSignals, setSignalMask } from '../syscalls/signal/signals.ts';
import { blockSignalsInOtherThreads } from '../syscalls/signal/thread-signals.ts';

/** The process's signals but SIGCHLD, queued from now on. */
export interface SignalQueue {
  /** Readable when a signal came; close-on-exec. */
  readonly fd: number;
  /** Some of the signals that came; none is an empty list. */
  take(): SignalInfo[];
  /** Lets signals act again, those still queued included. */
  release(): void;
}

/**
 * Queues every signal that is sent to this process in place of its action. For `run` and `exec`
 * before they fork: from then on signals are the container's. SIGCHLD is not: by it Node hears that a
 * process has ended which a plugin has started.
 */
export function queueSignals(): SignalQueue {
  const mask = blockSignals(constants.signals.SIGCHLD);
  const fd = signalfd();
  blockSignalsInOtherThreads();
  return {
    fd,
    take: () => readSignals(fd),
    release() {
      closeSync(fd);
      setSignalMask(mask);
    },
  };
}

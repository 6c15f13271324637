import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { readSignals, type SignalInfo, signalfd } from '../syscalls/signal/signalfd.ts';
import { blockSignals, setSignalMask } from '../syscalls/signal/signals.ts';
import { blockSignalsInOtherThreads } from '../syscalls/signal/thread-signals.ts';

/**
 * A queue of this process's signals, except SIGCHLD. At its end signals act again, queued ones too.
 */
export interface SignalQueue extends Disposable {
  /** Readable when a signal came; close-on-exec. */
  readonly fd: number;
  /** Takes signals from the queue, perhaps not all; an empty list when there are none. */
  take(): SignalInfo[];
}

/**
 * Queues every signal to this process, in place of its action. `run` and `exec` do so before they
 * fork: from then on signals are for the container. SIGCHLD is left out: by it Node notices the end
 * of processes that plugins have started.
 */
export function queueSignals(): SignalQueue {
  const mask = blockSignals(constants.signals.SIGCHLD);
  const fd = signalfd();
  blockSignalsInOtherThreads();
  return {
    fd,
    take: () => readSignals(fd),
    [Symbol.dispose]() {
      closeSync(fd);
      setSignalMask(mask);
    },
  };
}

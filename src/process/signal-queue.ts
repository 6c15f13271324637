import { closeSync } from 'node:fs';
import { readSignals, type SignalInfo, signalfd } from '../syscalls/signalfd.ts';
import { blockSignals, setSignalMask } from '../syscalls/signals.ts';
import { blockSignalsInOtherThreads } from '../syscalls/thread-signals.ts';

/** The process's signals, queued from now on. */
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
 * before they fork: from then on signals are the container's. The fork inherits the blocked mask.
 */
export function queueSignals(): SignalQueue {
  const mask = blockSignals();
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

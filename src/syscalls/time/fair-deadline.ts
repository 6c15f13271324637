import { readFileSync } from 'node:fs';
import { monotonicMs } from './monotonic.ts';

/**
 * Milliseconds in which a process's main thread was ready to run while the CPUs were others':
 * Documentation/scheduler/sched-stats.rst. 0 where the kernel does not say.
 */
function runDelay(pid: number | 'self'): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** A limit of `timeout` milliseconds, from now on, that leaves out what a busy machine makes a process wait. */
export class FairDeadline {
  readonly #timeout: number;
  readonly #pid: number | 'self';
  readonly #start = monotonicMs();
  readonly #delay: number;

  constructor(timeout: number, pid: number | 'self' = 'self') {
    this.#timeout = timeout;
    this.#pid = pid;
    this.#delay = runDelay(pid);
  }

  /** Whole milliseconds that are left, 0 or less when none are. */
  left(): number {
    const delayed = runDelay(this.#pid) - this.#delay;
    return Math.ceil(this.#timeout - (monotonicMs() - this.#start) + Math.max(0, delayed));
  }
}

import { readFileSync } from 'node:fs';
import { monotonicMs } from './monotonic.ts';

/**
 * Milliseconds that a process's main thread was ready to run but waited for a CPU:
 * Documentation/scheduler/sched-stats.rst. 0 when the kernel does not tell.
 */
function runDelay(pid: number | 'self'): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** A limit of `timeout` milliseconds from now. Time that the process waits for a CPU is extra. */
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

  /** Whole milliseconds left; 0 or less when the deadline has passed. */
  remaining(): number {
    const delayed = runDelay(this.#pid) - this.#delay;
    return Math.ceil(this.#timeout - (monotonicMs() - this.#start) + Math.max(0, delayed));
  }
}

import type { Readiness } from '../caller/readiness.ts';
import type { Forked } from './fork/fork.ts';

/** What stands in for the container's process, from before the fork until it has ended. */
export interface Supervisor {
  /**
   * Takes the terminal's master end that init has sent, and connects the caller's terminal to it.
   */
  takeTerminal(): void;
  /**
   * Waits until the process ended: its exit status, 128 + n where signal n killed it. Meanwhile
   * passes on the process's READY=1 to the service manager, where `readiness` is given.
   */
  wait(process: Forked, readiness?: Readiness): Promise<number>;
}

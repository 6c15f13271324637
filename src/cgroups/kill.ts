import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { monotonicMs } from '../syscalls/time/monotonic.ts';
import { sleepSync } from '../syscalls/time/sleep.ts';

/** How long processes may take to die of SIGKILL, in ms. In uninterruptible sleep they cannot. */
const TIMEOUT_MS = 10_000;

/**
 * Repeats `round`, which sends SIGKILL to the processes it is given, until `pids` gives none. Calls
 * `waiting` after each round.
 */
export function killUntilEmpty(
  pids: () => number[],
  round: (pids: number[]) => void,
  waiting?: () => void,
): void {
  const deadline = monotonicMs() + TIMEOUT_MS;
  for (let pause = 1; ; pause = Math.min(2 * pause, 50)) {
    const left = pids();
    if (left.length === 0) return;
    if (monotonicMs() > deadline) {
      throw new RuntimeError(
        `unable to kill all processes: ${left.length} still in the cgroup after ${TIMEOUT_MS / 1000} s (${left.slice(0, 5).join(', ')})`,
        'A process in an uninterruptible sleep (state D in ps) dies only when that ends.',
      );
    }
    round(left);
    waiting?.();
    sleepSync(pause);
  }
}

/** Sends SIGKILL to each process. A process that is gone is no error. */
export function killEach(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!hasErrno(error, 'ESRCH')) throw error;
    }
  }
}

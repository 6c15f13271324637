import { RuntimeError } from '../errors/runtime-error.ts';
import { failedWith } from '../errors/syscall-error.ts';
import { monotonicMs } from '../syscalls/time/monotonic.ts';
import { sleepSync } from '../syscalls/time/sleep.ts';

/** How long processes may take to die of SIGKILL, in ms: one in an uninterruptible sleep never does. */
const PATIENCE = 10_000;

/** Kills until `pids` is empty: `round` sends SIGKILL to every process it is given. */
export function killUntilEmpty(pids: () => number[], round: (pids: number[]) => void): void {
  const deadline = monotonicMs() + PATIENCE;
  for (let pause = 1; ; pause = Math.min(2 * pause, 50)) {
    const left = pids();
    if (left.length === 0) return;
    if (monotonicMs() > deadline) {
      throw new RuntimeError(
        `unable to kill all processes: ${left.length} still in the cgroup after ${PATIENCE / 1000} s (${left.slice(0, 5).join(', ')})`,
        'A process in an uninterruptible sleep (state D in ps) dies only when that ends.',
      );
    }
    round(left);
    sleepSync(pause);
  }
}

/** kill(2) with SIGKILL, of each process that is still there. */
export function killEach(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!failedWith(error, 'ESRCH')) throw error;
    }
  }
}

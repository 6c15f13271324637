import { closeSync } from 'node:fs';
import { killWithParent } from '../../syscalls/task/prctl.ts';
import { exitNow, waitpid } from '../../syscalls/task/process.ts';
import { sleepSync } from '../../syscalls/time/sleep.ts';
import { fork } from './fork.ts';

/**
 * Forks a process that sleeps. It ends with the runtime at the latest. `kill` waits for its end, and
 * may be called again.
 */
export function forkPlaceholder(): { readonly pid: number; kill(): void } {
  const runtime = process.pid;
  const { pid, pidfd } = fork(0, () => {
    killWithParent();
    if (process.ppid !== runtime) exitNow(1);
    sleepSync();
  });
  closeSync(pidfd);
  const life = new DisposableStack();
  // A killed process does not run again: the container's cgroup is not charged for any CPU time.
  life.defer(() => {
    process.kill(pid, 'SIGKILL');
    waitpid(pid);
  });
  return { pid, kill: () => life.dispose() };
}

import { closeSync } from 'node:fs';
import { killWithParent } from '../../syscalls/task/prctl.ts';
import { exitNow, waitpid } from '../../syscalls/task/process.ts';
import { sleepSync } from '../../syscalls/time/sleep.ts';
import { fork } from './fork.ts';

/** A process that sleeps until the runtime ends it. */
export interface Placeholder {
  readonly pid: number;
  end(): void;
}

/** Forks a {@link Placeholder}; it ends with the runtime at the latest. */
export function forkPlaceholder(): Placeholder {
  const runtime = process.pid;
  const { pid, pidfd } = fork(0, () => {
    killWithParent();
    if (process.ppid !== runtime) exitNow(1);
    sleepSync();
  });
  closeSync(pidfd);
  return {
    pid,
    // A killed process does not run again: the container's cgroup is not charged for any CPU time.
    end: () => {
      process.kill(pid, 'SIGKILL');
      waitpid(pid);
    },
  };
}

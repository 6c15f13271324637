import { closeSync } from 'node:fs';
import { killWithParent } from '../../syscalls/task/prctl.ts';
import { exitNow, waitpid } from '../../syscalls/task/process.ts';
import { sleepSync } from '../../syscalls/time/sleep.ts';
import { fork } from './fork.ts';

/** A process that sleeps until the runtime ends it. */
export interface Placeholder {
  readonly pid: number;
  /** May be called again. */
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
  const life = new DisposableStack();
  // A killed process does not run again: the container's cgroup is not charged for any CPU time.
  life.defer(() => {
    process.kill(pid, 'SIGKILL');
    waitpid(pid);
  });
  return { pid, end: () => life.dispose() };
}

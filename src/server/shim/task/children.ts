import { closeFd } from '../../../syscalls/files/close-fd.ts';
import { watchEnd } from '../../../syscalls/poll/watch-end.ts';
import { tryPidfdOpen } from '../../../syscalls/task/pidfd.ts';
import { WNOHANG, waitpid } from '../../../syscalls/task/process.ts';
import { findExitedChild, hasExited } from '../../../syscalls/task/wait.ts';

/** The processes that this one waits for, and those that nobody else does: orphans of containers. */
export class Children {
  readonly #awaited = new Set<number>();
  /** Operations under way, which make and await processes of their own. */
  #busy = 0;

  constructor() {
    process.on('SIGCHLD', () => this.#reapOrphans());
  }

  /** Resolves with the exit status of a child (128 + n when signal n killed it) once it has ended. */
  async await(pid: number): Promise<number> {
    this.#awaited.add(pid);
    const pidfd = tryPidfdOpen(pid);
    try {
      await watchEnd(pidfd, () => hasExited(pid)).readable;
      return waitpid(pid, WNOHANG)!;
    } finally {
      closeFd(pidfd);
      this.#awaited.delete(pid);
      this.#reapOrphans();
    }
  }

  /** Runs an operation, and leaves children that are not awaited to it meanwhile. */
  async during<T>(operation: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await operation();
    } finally {
      this.#busy--;
      this.#reapOrphans();
    }
  }

  #reapOrphans(): void {
    // A child that is awaited hides later ones until it is reaped: await() then looks again.
    for (let pid = this.#orphan(); pid !== undefined; pid = this.#orphan()) waitpid(pid);
  }

  #orphan(): number | undefined {
    const pid = this.#busy > 0 ? undefined : findExitedChild();
    return pid === undefined || this.#awaited.has(pid) ? undefined : pid;
  }
}

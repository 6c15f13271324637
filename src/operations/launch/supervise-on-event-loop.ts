import type { Supervisor } from '../../init/supervisor.ts';
import { watchEnd } from '../../syscalls/poll/watch-end.ts';
import { waitpid } from '../../syscalls/task/process.ts';
import { hasExited } from '../../syscalls/task/wait.ts';

/** Waits for the process without blocking the embedding program, which keeps its own signals. */
export const superviseOnEventLoop = (): Supervisor => ({
  takeTerminal() {},
  async wait({ pid, pidfd }) {
    await watchEnd(pidfd, () => hasExited(pid)).readable;
    return waitpid(pid)!;
  },
});

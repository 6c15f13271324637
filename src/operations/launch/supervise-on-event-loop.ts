import type { Supervisor } from '../../init/supervisor.ts';
import { watchReadable } from '../../syscalls/poll/readable.ts';
import { waitpid } from '../../syscalls/task/process.ts';

/** Waits for the process without blocking the embedding program, which keeps its own signals. */
export const superviseOnEventLoop = (): Supervisor => ({
  takeTerminal() {},
  async wait({ pid, pidfd }) {
    await watchReadable(pidfd).readable;
    return waitpid(pid)!;
  },
  end() {},
});

import type { Supervisor } from '../../init/supervisor.ts';
import { watchReadable } from '../../syscalls/poll/readable.ts';
import { waitpid } from '../../syscalls/task/process.ts';

/** Waits for the process without blocking the program that embeds davit, whose signals stay its own. */
export const superviseOnEventLoop = (): Supervisor => ({
  takeTerminal() {},
  async wait({ pid, pidfd }) {
    await watchReadable(pidfd).readable;
    return waitpid(pid)!;
  },
  end() {},
});

import type { Attendance } from '../process/attendance.ts';
import { waitpid } from '../syscalls/process.ts';
import { watchReadable } from '../syscalls/readable.ts';

/** Waits for the process without blocking the program that embeds davit, whose signals stay its own. */
export const attendOnEventLoop = (): Attendance => ({
  takeTerminal() {},
  async wait({ pid, pidfd }) {
    await watchReadable(pidfd).readable;
    return waitpid(pid)!;
  },
  end() {},
});

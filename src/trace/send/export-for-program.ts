import { closeFd } from '../../syscalls/files/close-fd.ts';
import { watchEnd } from '../../syscalls/poll/watch-end.ts';
import { tryPidfdOpen } from '../../syscalls/task/pidfd.ts';
import { waitpid } from '../../syscalls/task/process.ts';
import { hasExited } from '../../syscalls/task/wait.ts';
import { startExporter } from './start-exporter.ts';

/** The davit that this library was built with. */
const DAVIT = `${import.meta.dirname}/../davit`;

/**
 * Starts the exporter for spans that an embedding program has stored, as commands do. The exporter
 * is reaped when it ends and does not keep the program alive. A failure to start it is a process
 * warning.
 */
export function exportForProgram(directory: string): void {
  try {
    const pid = startExporter(directory, process.env, [DAVIT]);
    if (pid !== undefined) void reap(pid);
  } catch (error) {
    process.emitWarning(`davit's traces are not exported: ${(error as Error).message}`);
  }
}

async function reap(pid: number): Promise<void> {
  const pidfd = tryPidfdOpen(pid);
  const watch = watchEnd(pidfd, () => hasExited(pid));
  watch.hold(false);
  await watch.readable;
  waitpid(pid);
  closeFd(pidfd);
}

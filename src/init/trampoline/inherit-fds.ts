import { closeSync, constants } from 'node:fs';
import { hasErrno, isRefused } from '../../errors/syscall-error.ts';
import { openProcFile } from '../../rootfs/procfs.ts';
import { closeOnExecFrom } from '../../syscalls/files/close-range.ts';
import { setCloseOnExec } from '../../syscalls/files/fcntl.ts';
import { readDirectory } from '../../syscalls/files/file.ts';

interface InheritFdsOptions {
  /** A procfs handle. */
  procfs: number;
  /** How many fds after stdio the next program inherits: 3 to 2 + preserveFds. */
  preserveFds: number;
  /** Other fds that stay open. */
  keptFds?: readonly number[];
}

/**
 * Marks fds close-on-exec. Unmarks stdio, the preserved fds and `keptFds`, which Node had marked.
 */
export function inheritFds({ procfs, preserveFds, keptFds = [] }: InheritFdsOptions): void {
  const first = 3 + preserveFds;
  closeFrom(procfs, first);
  for (let fd = 0; fd < first; fd++) clearIfOpen(fd);
  for (const fd of keptFds) setCloseOnExec(fd, false);
}

function closeFrom(procfs: number, first: number): void {
  try {
    closeOnExecFrom(first);
  } catch (error) {
    // EINVAL is Linux before 5.11.
    if (!isRefused(error) && !hasErrno(error, 'EINVAL')) throw error;
    for (const fd of openFds(procfs)) if (fd >= first) setCloseOnExec(fd, true);
  }
}

function openFds(procfs: number): number[] {
  const directory = openProcFile(procfs, 'self/fd', constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return readDirectory(directory)
      .map(Number)
      .filter((fd) => fd !== directory);
  } finally {
    closeSync(directory);
  }
}

/** Lets the next program have stdio, which Node had marked close-on-exec. */
export function inheritStdio(): void {
  for (const fd of [0, 1, 2]) clearIfOpen(fd);
}

function clearIfOpen(fd: number): void {
  try {
    setCloseOnExec(fd, false);
  } catch (error) {
    if (!hasErrno(error, 'EBADF')) throw error;
  }
}

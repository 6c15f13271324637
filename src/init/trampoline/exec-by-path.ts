import { closeSync, constants } from 'node:fs';
import { FieldError } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { openProcFile } from '../../rootfs/procfs.ts';
import { AT_FDCWD, O_PATH, openat } from '../../syscalls/files/file.ts';
import { fchdir } from '../../syscalls/files/root.ts';
import { type ExecFd, execPath } from '../../syscalls/task/exec.ts';
import type { TrampolineCall } from './build-trampoline.ts';

const { O_DIRECTORY } = constants;

/** execveat(2) by means of execve(2): the file is named as an fd, below the working directory. */
interface ExecByPath {
  exec: ExecFd;
  /** Calls that restore the program's working directory. */
  calls: readonly TrampolineCall[];
  /** fds that `calls` need. */
  keptFds: readonly number[];
}

export function execByPath(procfs: number): ExecByPath {
  const cwd = openat(AT_FDCWD, '.', O_PATH | O_DIRECTORY);
  return {
    exec: (fd, argv) => {
      enterAgain(cwd);
      const fds = openProcFile(procfs, 'self/fd', O_PATH | O_DIRECTORY);
      fchdir(fds);
      closeSync(fds);
      execPath(String(fd), argv);
    },
    calls: [
      { syscall: 'fchdir', arguments: [cwd] },
      { syscall: 'close', arguments: [cwd] },
    ],
    keptFds: [cwd],
  };
}

/** Enters the directory as the program's user, as the trampoline has to: a failure shows here. */
function enterAgain(cwd: number): void {
  try {
    fchdir(cwd);
  } catch (error) {
    if (!hasErrno(error, 'EACCES')) throw error;
    const message =
      'process.user has no permission to enter it, which davit needs where execveat is refused';
    throw new FieldError('process.cwd', Object.assign(new Error(message), { code: 'EACCES' }));
  }
}

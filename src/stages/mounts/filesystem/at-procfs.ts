import { closeSync } from 'node:fs';
import { AT_FDCWD, O_PATH, openat } from '../../../syscalls/files/file.ts';
import { fchdir } from '../../../syscalls/files/root.ts';

/**
 * Runs `action` with the private procfs as the working directory. A call that takes only a path can
 * then name an fd as `self/fd/N`, without a /proc that other processes can change.
 */
export function atProcfs<T>(procfs: number, action: () => T): T {
  const before = openat(AT_FDCWD, '.', O_PATH);
  try {
    fchdir(procfs);
    return action();
  } finally {
    fchdir(before);
    closeSync(before);
  }
}

/** An fd as a path below a procfs, for {@link atProcfs}. */
export const selfFd = (fd: number): string => `self/fd/${fd}`;

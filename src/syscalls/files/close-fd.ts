import { closeSync } from 'node:fs';
import { hasErrno } from '../../errors/syscall-error.ts';

/**
 * close(2) of an fd without written data that could be lost. Linux frees the fd even when close(2)
 * fails, so failures are ignored, except EBADF: then other code has closed the fd. A negative `fd`
 * stands for no fd.
 */
export function closeFd(fd: number): void {
  if (fd < 0) return;
  try {
    closeSync(fd);
  } catch (error) {
    if (hasErrno(error, 'EBADF')) throw error;
  }
}

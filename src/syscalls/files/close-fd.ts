import { closeSync } from 'node:fs';
import { failedWith } from '../../errors/syscall-error.ts';

/**
 * close(2) of what nothing was written to that has to arrive: Linux lets go of the fd whatever it answers, so that
 * a failure is none of what is being undone. EBADF alone is: an fd that somebody else has closed. A negative number is no fd.
 */
export function closeFd(fd: number): void {
  if (fd < 0) return;
  try {
    closeSync(fd);
  } catch (error) {
    if (failedWith(error, 'EBADF')) throw error;
  }
}

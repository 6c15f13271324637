import { readlinkSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';

/** What a process's stdin, stdout and stderr are: `/dev/null`, `pipe:[1234]`; empty if closed. */
export const descriptorsOf = (
  process: number | 'self',
  fds: readonly number[] = [0, 1, 2],
): string[] =>
  fds.map((fd) => {
    try {
      return readlinkSync(`/proc/${process}/fd/${fd}`);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return '';
      throw error;
    }
  });

import { hasErrno } from '../../errors/syscall-error.ts';

/**
 * Returns what `read` gives, or `absent` if there is no such file. Other processes may clear the
 * store or rotate its files at any moment. An id may be too long for a file's name.
 */
export function ignoreMissing<T>(read: () => T, absent: T): T {
  try {
    return read();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENAMETOOLONG')) return absent;
    throw error;
  }
}

import { hasErrno } from '../../errors/syscall-error.ts';
import { declare } from '../ffi/libc.ts';
import { closeFd } from './close-fd.ts';

// sys/file.h
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

const flock = declare<[fd: number, operation: number]>('int flock(int fd, int operation)');

/** flock(2): takes an exclusive lock; false when another open file description holds the lock. */
export function tryLock(fd: number): boolean {
  try {
    flock(fd, LOCK_EX | LOCK_NB);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EAGAIN')) return false;
    throw error;
  }
}

/**
 * Returns `fd` with the lock of {@link tryLock}; closes it otherwise, and then returns undefined.
 */
export function lockedOrClosed(fd: number): number | undefined {
  using opened = new DisposableStack();
  opened.adopt(fd, closeFd);
  if (!tryLock(fd)) return undefined;
  opened.move();
  return fd;
}

/** flock(2): releases the lock, for every process that shares the open file description. */
export const unlock = (fd: number): void => {
  flock(fd, LOCK_UN);
};

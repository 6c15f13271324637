import { closeSync, constants, openSync } from 'node:fs';
import { tryLock, unlock } from '../../syscalls/files/flock.ts';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

/** Milliseconds; less than what listeners get when a command ends. */
const TIMEOUT_MS = 900;

/**
 * Runs `action` while holding `lockFile`, which excludes other processes and other calls in this
 * one.
 */
export async function exclusively<T>(lockFile: string, action: () => T | Promise<T>): Promise<T> {
  const fd = openSync(lockFile, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    await acquire(fd, lockFile);
    return await action();
  } finally {
    // An init that was forked meanwhile has the fd too, so closing it here would not unlock.
    unlock(fd);
    closeSync(fd);
  }
}

/** Polls: waiting in flock(2) would block the event loop. */
async function acquire(fd: number, lockFile: string): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!tryLock(fd)) {
    if (Date.now() > deadline) throw new Timeout(`${lockFile}: another process holds the lock`);
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4));
  }
}

class Timeout extends Error {
  readonly code = 'ETIMEDOUT';
}

import { closeSync, constants, openSync } from 'node:fs';
import { tryLock } from '../syscalls/files/flock.ts';

/**
 * Claims the start of a container for this command; undefined when another command has claimed it.
 * The fd is the caller's to close, which ends the claim. Without it, two commands would both run the
 * startContainer hooks before init accepts one of them.
 */
export function lockStart(stateDir: string): number | undefined {
  const fd = openSync(stateDir, constants.O_RDONLY | constants.O_DIRECTORY);
  if (tryLock(fd)) return fd;
  closeSync(fd);
  return undefined;
}

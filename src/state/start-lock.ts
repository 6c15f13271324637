import { constants, openSync } from 'node:fs';
import { lockedOrClosed } from '../syscalls/files/flock.ts';

/**
 * Claims the start of a container for this command; undefined when another command has claimed it.
 * The fd is the caller's to close, which ends the claim. Without it, two commands would both run
 * the startContainer hooks before init accepts one of them.
 */
export const lockStart = (stateDir: string): number | undefined =>
  lockedOrClosed(openSync(stateDir, constants.O_RDONLY | constants.O_DIRECTORY));

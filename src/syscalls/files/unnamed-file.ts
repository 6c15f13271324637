import { constants } from 'node:fs';
import { openat } from './file.ts';

// asm-generic/fcntl.h: __O_TMPFILE | O_DIRECTORY. O_DIRECTORY has another number on arm64.
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/** open(2), O_TMPFILE | O_EXCL: a new file in the directory `path` that can never get a name. */
export const openUnnamed = (dirFd: number, path: string, mode: number): number =>
  openat(dirFd, path, O_TMPFILE | constants.O_RDWR | constants.O_EXCL, mode);

import { constants } from 'node:fs';
import { openat } from './file.ts';

// asm-generic/fcntl.h: __O_TMPFILE with O_DIRECTORY, which arm64 numbers otherwise.
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/** A new file in the directory `path` that has no name and can be given none; open(2), O_TMPFILE. */
export const openUnnamed = (dirFd: number, path: string, mode: number): number =>
  openat(dirFd, path, O_TMPFILE | constants.O_RDWR | constants.O_EXCL, mode);

import { constants } from 'node:fs';
import { AT_FDCWD, O_PATH, openat } from '../syscalls/files/file.ts';

/** An O_PATH fd of the calling process's root directory, the caller's to close. */
export const openRoot = (): number => openat(AT_FDCWD, '/', O_PATH | constants.O_DIRECTORY);

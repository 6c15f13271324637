import { constants } from 'node:fs';
import { O_PATH, openat } from '../syscalls/file.ts';

/** An O_PATH fd of the calling process's root directory, the caller's to close. */
export const openRoot = (): number => openat(-1, '/', O_PATH | constants.O_DIRECTORY);

import { declare } from './libc.ts';

// sys/file.h
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;

/** flock(2). */
export const flock = declare<[fd: number, operation: number]>('int flock(int fd, int operation)');

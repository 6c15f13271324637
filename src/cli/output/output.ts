import { writeSync } from 'node:fs';
import { sleepSync } from '../../syscalls/time/sleep.ts';

export const STDOUT = 1;
export const STDERR = 2;

/**
 * Writes all of `data` synchronously: touching process.stdout could make a file description that a
 * container shares non-blocking. False when the reader has closed the pipe, which is not an error.
 */
export function write(fd: number, data: string): boolean {
  let rest: Uint8Array = Buffer.from(data);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return false;
      if (code !== 'EAGAIN') throw error;
      // Another process made the pipe non-blocking, and it is full: wait for its reader.
      sleepSync(2);
    }
  }
  return true;
}

/**
 * Writes a message, ignoring failures: containerd's shim gives a standard error that is open for
 * reading only, and a command must not fail because of it.
 */
export function tell(fd: number, data: string): void {
  try {
    write(fd, data);
  } catch {
    // There is no other place to report it.
  }
}

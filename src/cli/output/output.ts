import { writeSync } from 'node:fs';
import { sleepSync } from '../../syscalls/time/sleep.ts';

export const STDOUT = 1;
export const STDERR = 2;

/**
 * Writes all of `data`, synchronously: touching process.stdout could make a file description that
 * a container shares non-blocking. False when the reader has gone, which is no error.
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
      // Somebody else made the pipe non-blocking and it is full: its reader gets some time.
      sleepSync(2);
    }
  }
  return true;
}

/**
 * Writes what a person or a log may want to know. Where it cannot be told (containerd's shim gives a
 * standard error that is open for reading only) nothing else is to change for that.
 */
export function tell(fd: number, data: string): void {
  try {
    write(fd, data);
  } catch {
    // Nobody is there to be told of it.
  }
}

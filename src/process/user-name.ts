import { readFileSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';

/** The login name that passwd(5) has for `uid`. */
export const userName = (uid: number): string | undefined =>
  linesOf('/etc/passwd')
    .map((line) => line.split(':'))
    .find((entry) => entry[2] === String(uid))?.[0];

/** The lines of a file that are not empty; none when the file does not exist. */
export function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    return [];
  }
}

import { constants, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { SyscallError } from '../errors/syscall-error.ts';
import { strerror } from '../syscalls/ffi/libc.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';

/** Writes `value` to a cgroup's file, in one write(2). Never creates the file. */
export function writeFile(dir: string, file: string, value: string): void {
  const path = `${dir}/${file}`;
  try {
    // Node takes the number as well: its texts for flags all create or read.
    writeFileSync(path, value, { flag: constants.O_WRONLY as unknown as string });
  } catch (error) {
    throw fileError(error, 'write', writing(path, value));
  }
}

/** Writes each value with a write(2) of its own: cgroup files take one entry at a time. */
export function writeLines(dir: string, file: string, values: readonly string[]): void {
  const path = `${dir}/${file}`;
  let current = values[0];
  try {
    using fds = new DisposableStack();
    const fd = fds.adopt(openSync(path, constants.O_WRONLY), closeFd);
    for (current of values) writeSync(fd, current);
  } catch (error) {
    throw fileError(error, 'write', writing(path, current));
  }
}

const writing = (path: string, value: string | undefined): string =>
  `write ${JSON.stringify(value)} to ${path}`;

/** A cgroup file's text as it stands, with the newline at its end. */
export function readFile(dir: string, file: string): string {
  const path = `${dir}/${file}`;
  try {
    // As UTF-8, Node opens, reads and closes in one call.
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError(error, 'read', `read ${path}`);
  }
}

/** A cgroup file with one value: `9223372036854771712`, `max`. */
export const readValue = (dir: string, file: string): string => readFile(dir, file).trim();

/** An error of node:fs as a {@link SyscallError} with `call`, which says what failed. */
export function fileError(error: unknown, syscall: string, call: string): unknown {
  if (!(error instanceof Error) || !('code' in error && 'errno' in error)) return error;
  const errno = Math.abs(Number(error.errno));
  return new SyscallError({
    code: String(error.code),
    errno,
    syscall,
    call,
    reason: strerror(errno),
  });
}

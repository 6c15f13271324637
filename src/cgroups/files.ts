import { constants, openSync, readSync, writeSync } from 'node:fs';
import { SyscallError } from '../errors/syscall-error.ts';
import { strerror } from '../syscalls/ffi/libc.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';

/** Writes `value` to a cgroup's file, in one write(2). Never creates the file. */
export function writeFile(dir: string, file: string, value: string): void {
  writeLines(dir, file, [value]);
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
    throw fileError(error, 'write', `write ${JSON.stringify(current)} to ${path}`);
  }
}

/** A cgroup file's text as it stands, with the newline at its end. */
export function readFile(dir: string, file: string): string {
  const path = `${dir}/${file}`;
  try {
    using fds = new DisposableStack();
    const fd = fds.adopt(openSync(path, constants.O_RDONLY), closeFd);
    return readToEnd(fd);
  } catch (error) {
    throw fileError(error, 'read', `read ${path}`);
  }
}

/** A cgroup file with one value: `9223372036854771712`, `max`. */
export const readValue = (dir: string, file: string): string => readFile(dir, file).trim();

/** For one system call at a time. */
const buffer = Buffer.allocUnsafeSlow(4096);

// Takes half as long as readFileSync, which first asks for the size and reads in steps of 64 KiB.
function readToEnd(fd: number): string {
  let text = '';
  for (;;) {
    const length = readSync(fd, buffer);
    text += buffer.toString('latin1', 0, length);
    if (length === 0 || (length < 2048 && text.endsWith('\n'))) return text;
  }
}

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

import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';

const { O_WRONLY, O_NOCTTY, O_NONBLOCK } = constants;

/** PIPE_BUF, limits.h: what fits when poll(2) says POLLOUT. */
const PIPE_BUF = 4096;
// linux/major.h: UNIX98_PTY_SLAVE_MAJOR and the seven after it.
const PTY_SLAVE_MAJORS = { first: 136, last: 143 };

/** An output that davit writes to without waiting for the reader. */
export interface Output {
  /** To poll for POLLOUT before {@link write}. */
  readonly fd: number;
  /** Writes what fits; returns the number of bytes. */
  write(bytes: Buffer): number;
  close(): void;
}

/**
 * Prepares the caller's `fd` for output. O_NONBLOCK would apply to the file description, which
 * other processes share: a pipe or terminal is opened again with it, other files get small writes.
 */
export function openOutput(fd: number): Output {
  const own = reopen(fd);
  if (own === undefined) {
    const write = (bytes: Buffer) => writeAvailable(fd, bytes.subarray(0, PIPE_BUF));
    return { fd, write, close: () => {} };
  }
  return { fd: own, write: (bytes) => writeAvailable(own, bytes), close: () => closeSync(own) };
}

/** write(2), 0 for EAGAIN. */
export function writeAvailable(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (hasErrno(error, 'EAGAIN')) return 0;
    throw error;
  }
}

function reopen(fd: number): number | undefined {
  try {
    const stat = fstatSync(fd);
    const major = (stat.rdev >> 8) & 0xfff;
    const { first, last } = PTY_SLAVE_MAJORS;
    const isPtySlave = stat.isCharacterDevice() && major >= first && major <= last;
    if (!stat.isFIFO() && !isPtySlave) return undefined;
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NOCTTY | O_NONBLOCK);
  } catch {
    // Not permitted, or its other end is closed: the first write reports that.
    return undefined;
  }
}

import { readSync } from 'node:fs';
import { hasErrno } from '../../errors/syscall-error.ts';
import { declare } from '../ffi/libc.ts';

// bits/signalfd.h
const SFD_NONBLOCK = 0o4000;
const SFD_CLOEXEC = 0o2000000;

/** sizeof(sigset_t) in glibc. */
const SIGSET_SIZE = 128;
/** sizeof(struct signalfd_siginfo), linux/signalfd.h. */
const SIGINFO_SIZE = 128;

const native = declare<[number, Uint8Array, number]>(
  'int signalfd(int fd, const void *mask, int flags)',
);

/** A signalfd(2) for every signal that the reading thread blocks. Close-on-exec, non-blocking. */
export function signalfd(): number {
  return native(-1, Buffer.alloc(SIGSET_SIZE, 0xff), SFD_NONBLOCK | SFD_CLOEXEC);
}

/** Two fields of struct signalfd_siginfo, linux/signalfd.h. */
export interface SignalInfo {
  /** ssi_signo */
  signal: number;
  /** ssi_pid: the sender's pid, in davit's pid namespace. */
  pid: number;
}

/** Takes at most 16 pending signals, in the kernel's order. Does not wait. */
export function readSignals(fd: number): SignalInfo[] {
  const bytes = Buffer.alloc(SIGINFO_SIZE * 16);
  const length = readPending(fd, bytes);
  const signals: SignalInfo[] = [];
  for (let at = 0; at < length; at += SIGINFO_SIZE) {
    signals.push({ signal: bytes.readUInt32LE(at), pid: bytes.readUInt32LE(at + 12) });
  }
  return signals;
}

function readPending(fd: number, bytes: Buffer): number {
  try {
    return readSync(fd, bytes, 0, bytes.length, null);
  } catch (error) {
    if (hasErrno(error, 'EAGAIN')) return 0;
    throw error;
  }
}

import { readSync } from 'node:fs';
import { failedWith } from '../../errors/syscall-error.ts';
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

/** A signalfd(2) for every signal; it brings those that the calling thread blocks. Close-on-exec. */
export function signalfd(): number {
  return native(-1, Buffer.alloc(SIGSET_SIZE, 0xff), SFD_NONBLOCK | SFD_CLOEXEC);
}

/** What is read from a signalfd: struct signalfd_siginfo, linux/signalfd.h. */
export interface SignalInfo {
  /** ssi_signo */
  signal: number;
  /** ssi_pid: who sent it, in our pid namespace. */
  pid: number;
}

/** At most 16 of the pending signals, in the kernel's order; none is an empty list. */
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
    if (failedWith(error, 'EAGAIN')) return 0;
    throw error;
  }
}

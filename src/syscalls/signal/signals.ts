import { declare } from '../ffi/libc.ts';

const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;
/** sizeof(sigset_t) in glibc: 1024 bits. */
export const SIGSET_SIZE = 128;

const nativeMask = declare<[number, Uint8Array, Uint8Array | null]>(
  'int pthread_sigmask(int how, const void *set, void *oldset)',
);

/** Blocks every signal except `but` for the calling thread. Returns the former mask. */
export function blockSignals(but?: number): Buffer {
  const before = Buffer.alloc(SIGSET_SIZE);
  const blocked = Buffer.alloc(SIGSET_SIZE, 0xff);
  if (but !== undefined) blocked[(but - 1) >> 3]! &= ~(1 << ((but - 1) & 7));
  nativeMask(SIG_BLOCK, blocked, before);
  return before;
}

/** Sets the calling thread's signal mask. */
export function setSignalMask(mask: Uint8Array): void {
  nativeMask(SIG_SETMASK, mask, null);
}

/** Blocks or unblocks one signal for the calling thread. Returns whether it was blocked before. */
export function setBlocked(signal: number, blocked: boolean): boolean {
  const [byte, bit] = [(signal - 1) >> 3, 1 << ((signal - 1) & 7)];
  const set = Buffer.alloc(SIGSET_SIZE);
  const before = Buffer.alloc(SIGSET_SIZE);
  set[byte] = bit;
  nativeMask(blocked ? SIG_BLOCK : SIG_UNBLOCK, set, before);
  return (before[byte]! & bit) !== 0;
}

/** kill(2); ESRCH when there is no such process, EPERM when not permitted. */
export const kill = declare<[pid: number, signal: number]>('int kill(pid_t pid, int sig)', {
  describe: (pid, signal) => `kill ${pid} with ${signal}`,
});

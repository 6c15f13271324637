import { declare } from './libc.ts';

const SIG_BLOCK = 0;
const SIG_SETMASK = 2;
/** sizeof(sigset_t) in glibc: 1024 bits. */
const SIGSET_SIZE = 128;

const nativeMask = declare<[number, Uint8Array, Uint8Array | null]>(
  'int pthread_sigmask(int how, const void *set, void *oldset)',
);

/** Blocks every signal for the calling thread; returns the mask there was. */
export function blockSignals(): Buffer {
  const before = Buffer.alloc(SIGSET_SIZE);
  nativeMask(SIG_BLOCK, Buffer.alloc(SIGSET_SIZE, 0xff), before);
  return before;
}

/** Sets the calling thread's signal mask. */
export function setSignalMask(mask: Uint8Array): void {
  nativeMask(SIG_SETMASK, mask, null);
}

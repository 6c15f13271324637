import { declareSyscall } from '../ffi/libc.ts';

// asm/signal.h
const SA_RESTORER = 0x04000000n;
const SA_NODEFER = 0x40000000n;
/** The kernel's struct sigaction: handler, flags, restorer, mask. */
const SIGACTION_SIZE = 32;
const SIGSET_SIZE = 8;

// The bare system call: glibc's sigaction(3) sets its own restorer and refuses signals 32 and 33.
const native = declareSyscall<[number, Uint8Array, null, number]>('rt_sigaction', [
  'int64_t',
  'void *',
  'void *',
  'int64_t',
]);

/** SIG_DFL. */
export const DEFAULT_ACTION = 0n;

/** sigaction(2): the handler is machine code that never returns. The signal stays unblocked. */
export function setSignalHandler(signal: number, address: bigint): void {
  const action = Buffer.alloc(SIGACTION_SIZE);
  action.writeBigUInt64LE(address, 0);
  action.writeBigUInt64LE(SA_RESTORER | SA_NODEFER, 8);
  action.writeBigUInt64LE(address, 16);
  native(signal, action, null, SIGSET_SIZE);
}

import { hasErrno } from '../../errors/syscall-error.ts';
import { koffi } from '../ffi/koffi.ts';
import { declareSyscall } from '../ffi/libc.ts';

// linux/seccomp.h
export const SECCOMP_SET_MODE_FILTER = 1;
export const SECCOMP_FILTER_FLAG_LOG = 1 << 1;
export const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 1 << 2;
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 1 << 3;
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 1 << 5;
export const SECCOMP_RET_ERRNO = 0x00050000;

const native = declareSyscall<[number, number, Uint8Array | null]>(
  'seccomp',
  ['int64_t', 'int64_t', 'void *'],
  { describe: (_operation, flags) => `seccomp SECCOMP_SET_MODE_FILTER 0x${flags.toString(16)}` },
);

/**
 * SECCOMP_SET_MODE_FILTER(2const) with struct sock_filter[]. Returns the listener's fd
 * (close-on-exec) with SECCOMP_FILTER_FLAG_NEW_LISTENER, 0 without. EACCES when the thread has
 * neither CAP_SYS_ADMIN nor no_new_privs.
 */
export function seccompSetFilter(program: Uint8Array, flags: number): number {
  // struct sock_fprog (linux/filter.h)
  const fprog = Buffer.alloc(16);
  fprog.writeUInt16LE(program.length / 8, 0);
  fprog.writeBigUInt64LE(koffi().address(program), 8);
  return native(SECCOMP_SET_MODE_FILTER, flags, fprog);
}

/** Whether the kernel knows `flags`. It checks them before the program: EFAULT means known. */
export function seccompFlagsAvailable(flags: number): boolean {
  try {
    native(SECCOMP_SET_MODE_FILTER, flags, null);
    return true;
  } catch (error) {
    return hasErrno(error, 'EFAULT');
  }
}

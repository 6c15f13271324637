import { SyscallError } from '../../../errors/syscall-error.ts';

/** Runs `action`; a system call that fails in it is reported as the failure of `call`, in words, which it is part of. */
export function described<T>(call: string | (() => string), action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const { code, errno, syscall, reason } = error;
    throw new SyscallError({
      code,
      errno,
      syscall,
      call: typeof call === 'string' ? call : call(),
      reason,
    });
  }
}

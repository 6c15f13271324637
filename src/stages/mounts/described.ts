import { SyscallError } from '../../errors/syscall-error.ts';

/** Runs `action`; the failure of a system call in it reads as that of `call`, which it is part of. */
export function described<T>(call: string | (() => string), action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    throw error.describedAs(typeof call === 'string' ? call : call());
  }
}

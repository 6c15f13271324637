import { SyscallError } from '../../errors/syscall-error.ts';

/** Runs `action`. A SyscallError thrown in it is described as `call`, the step it is a part of. */
export function described<T>(call: string | (() => string), action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    throw error.describedAs(typeof call === 'string' ? call : call());
  }
}

import { SyscallError } from './syscall-error.ts';

/** Runs `action`. Gives a SyscallError that it throws the description `call`. */
export function withCallDescription<T>(call: string | (() => string), action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    throw error.describedAs(typeof call === 'string' ? call : call());
  }
}

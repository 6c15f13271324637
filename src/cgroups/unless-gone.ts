import { hasErrno } from '../errors/syscall-error.ts';

/** The result of `action`; undefined when its cgroup does not exist. */
export function unlessGone<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENODEV')) return undefined;
    throw error;
  }
}

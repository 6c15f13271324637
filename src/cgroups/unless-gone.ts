import { failedWith } from '../errors/syscall-error.ts';

/** What `action` gives; undefined where its cgroup is not there, or no more. */
export function unlessGone<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENODEV')) return undefined;
    throw error;
  }
}

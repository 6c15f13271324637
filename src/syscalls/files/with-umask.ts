import { umask } from './file.ts';

/** Runs `action` with the umask `mask`, then restores the former umask. */
export function withUmask<T>(mask: number, action: () => T): T {
  const former = umask(mask);
  try {
    return action();
  } finally {
    umask(former);
  }
}

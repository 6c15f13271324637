import { closeSync, openSync } from 'node:fs';
import { O_PATH } from '../files/file.ts';

/**
 * Runs `action` with a short path to the socket `name` in `directory`. A socket's path has at most
 * 107 bytes (unix(7)); `directory` may be longer.
 */
export function atSocketPath<T>(directory: string, name: string, action: (path: string) => T): T {
  const fd = openSync(directory, O_PATH);
  try {
    return action(`/proc/self/fd/${fd}/${name}`);
  } finally {
    closeSync(fd);
  }
}

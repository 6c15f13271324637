import { closeSync, openSync } from 'node:fs';
import { O_PATH } from '../files/file.ts';

/**
 * Runs `action` with a path of the socket `name` in `directory` that is short enough for it: paths of
 * sockets end at 107 bytes (unix(7)), those of directories do not.
 */
export function atSocketPath<T>(directory: string, name: string, action: (path: string) => T): T {
  const fd = openSync(directory, O_PATH);
  try {
    return action(`/proc/self/fd/${fd}/${name}`);
  } finally {
    closeSync(fd);
  }
}

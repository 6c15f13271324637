import { readdirSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';
import { fileError } from './files.ts';

/** A cgroup's children; undefined if it does not exist: rmdir(2) may then say EROFS, not ENOENT. */
export function subdirectories(dir: string): string[] | undefined {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENODEV')) return undefined;
    throw fileError(error, 'open', `open ${dir}`);
  }
}

import { readdirSync } from 'node:fs';
import { failedWith } from '../errors/syscall-error.ts';
import { fileError } from './files.ts';

/** The cgroups in a cgroup; undefined when it is not there: rmdir may say EROFS before ENOENT. */
export function subdirectories(dir: string): string[] | undefined {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENODEV')) return undefined;
    throw fileError(error, 'open', `open ${dir}`);
  }
}

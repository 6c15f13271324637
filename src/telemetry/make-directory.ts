import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { failedWith } from '../errors/syscall-error.ts';

/** mkdir -p. Node 26.10's never ends where mkdir(2) says ENOENT below what is there: /proc. */
export function makeDirectory(path: string, parents = true): void {
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    if (failedWith(error, 'EEXIST')) return;
    if (!parents || !failedWith(error, 'ENOENT') || dirname(path) === path) throw error;
    makeDirectory(dirname(path));
    makeDirectory(path, false);
  }
}

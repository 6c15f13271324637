import { readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { failedWith } from '../errors/syscall-error.ts';

/*
 * In place of Node's rmSync, whose errors name neither the path nor the errno: `, Unknown error: Cannot allocate
 * memory`.
 */

/** Removes a file, where it is there. */
export const removeFile = (path: string): void => ifThere(() => unlinkSync(path));

/** Removes a directory with all that is in it, where it is there. */
export function removeDirectory(path: string): void {
  ifThere(() => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) removeDirectory(inside);
      else removeFile(inside);
    }
    rmdirSync(path);
  });
}

function ifThere(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error;
  }
}

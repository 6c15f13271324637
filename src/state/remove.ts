import { readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrno } from '../errors/syscall-error.ts';

/*
 * davit does not use Node's rmSync, whose errors name neither path nor errno: `, Unknown error:
 * Cannot allocate memory`.
 */

/** Removes a file. A missing file is no error. */
export const removeFile = (path: string): void => ifThere(() => unlinkSync(path));

/** Removes a directory and everything in it. A missing directory is no error. */
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
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}

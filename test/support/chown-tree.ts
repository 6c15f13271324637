import { lchownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Gives a directory and all in it to another owner; symlinks are not followed. */
export function chownTree(directory: string, uid: number, gid: number): void {
  lchownSync(directory, uid, gid);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) chownTree(path, uid, gid);
    else lchownSync(path, uid, gid);
  }
}

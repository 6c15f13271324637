import { lchownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Changes the owner of a directory and everything in it, without following symlinks. */
export function chownTree(directory: string, uid: number, gid: number): void {
  lchownSync(directory, uid, gid);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) chownTree(path, uid, gid);
    else lchownSync(path, uid, gid);
  }
}

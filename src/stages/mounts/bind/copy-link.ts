import { closeSync } from 'node:fs';
import type { InitContext } from '../../../context/init-context.ts';
import { hasErrno } from '../../../errors/syscall-error.ts';
import { readlinkat, symlinkat } from '../../../syscalls/files/file.ts';
import { openParentInRoot, readLinkAt } from '../../../syscalls/files/path.ts';
import type { MountRequest } from '../request.ts';

/** `copy-symlink`: copies the symlink open as `source` to the destination; it may exist there. */
export function copyLink({ rootfsFd }: InitContext, { destination }: MountRequest, source: number) {
  const target = readlinkat(source, '');
  const { directory, name } = openParentInRoot(rootfsFd, destination);
  try {
    symlinkat(target, directory, name);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
    if (readLinkAt(directory, name) !== target) {
      throw new Error(`${destination} is there, and is no symlink to ${target}`);
    }
  } finally {
    closeSync(directory);
  }
}

import { hasErrno } from '../../errors/syscall-error.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { openInRoot } from '../../syscalls/files/path.ts';

/** O_PATH fd of a path in the container; undefined when it does not exist or is empty. */
export function openIfThere(rootfsFd: number, path: string, flags = 0): number | undefined {
  if (path === '') return undefined;
  try {
    return openInRoot(rootfsFd, path, O_PATH | flags);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

import { O_PATH } from '../../syscalls/files/file.ts';
import { openInRootIfThere } from '../../syscalls/files/path.ts';

/** O_PATH fd of a path in the container; undefined when it does not exist or is empty. */
export const openIfThere = (rootfsFd: number, path: string, flags = 0): number | undefined =>
  path === '' ? undefined : openInRootIfThere(rootfsFd, path, O_PATH | flags);

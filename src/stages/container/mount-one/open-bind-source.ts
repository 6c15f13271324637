import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_PATH } from '../../../syscalls/file.ts';
import { MS_REC } from '../../../syscalls/mount.ts';
import { AT_RECURSIVE, OPEN_TREE_CLONE, openTree } from '../../../syscalls/mount-api.ts';
import type { MountRequest } from './request.ts';

/**
 * A detached copy of what a bind mount binds. With `copy-symlink` a source that is a symlink is opened
 * itself: {@link isLink} tells.
 */
export function openBindSource({ source, options }: MountRequest): number {
  const link = options.copySymlink ? openLink(source) : undefined;
  if (link !== undefined) return link;
  const recursive = options.flags & MS_REC ? AT_RECURSIVE : 0;
  const nofollow = options.sourceNofollow ? AT_SYMLINK_NOFOLLOW : 0;
  return openTree(AT_FDCWD, source, OPEN_TREE_CLONE | recursive | nofollow);
}

/** True for what is to be copied, and not mounted. */
export const isLink = ({ options }: MountRequest, source: number): boolean =>
  options.copySymlink && fstatSync(source).isSymbolicLink();

function openLink(path: string): number | undefined {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  if (fstatSync(fd).isSymbolicLink()) return fd;
  closeSync(fd);
  return undefined;
}

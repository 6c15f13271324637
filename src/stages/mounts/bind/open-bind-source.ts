import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_PATH, openat } from '../../../syscalls/files/file.ts';
import { MS_REC } from '../../../syscalls/mount/mount.ts';
import {
  AT_RECURSIVE,
  mountsAreFds,
  OPEN_TREE_CLONE,
  openTree,
} from '../../../syscalls/mount/mount-api.ts';
import type { MountRequest } from '../request.ts';
import type { BindSource } from './bind-source.ts';

/**
 * Opens the source of a bind mount: as a detached copy of its mount, where the kernel has these.
 * With `copy-symlink`, a source that is a symlink is opened itself: see {@link isLink}.
 */
export function openBindSource(request: MountRequest): BindSource {
  const { source, options } = request;
  const link = options.copySymlink ? openLink(source) : undefined;
  if (link !== undefined) return { fd: link, detached: false };
  if (mountsAreFds()) return { fd: openDetached(request), detached: true };
  const nofollow = options.sourceNofollow ? constants.O_NOFOLLOW : 0;
  return { fd: openat(AT_FDCWD, source, O_PATH | nofollow), detached: false };
}

/** Opens a detached copy of the source's mount. */
export function openDetached({ source, options }: MountRequest): number {
  const recursive = options.flags & MS_REC ? AT_RECURSIVE : 0;
  const nofollow = options.sourceNofollow ? AT_SYMLINK_NOFOLLOW : 0;
  return openTree(AT_FDCWD, source, OPEN_TREE_CLONE | recursive | nofollow);
}

/** True for a symlink that is to be copied, not mounted. */
export const isLink = ({ options }: MountRequest, source: number): boolean =>
  options.copySymlink && fstatSync(source).isSymbolicLink();

function openLink(path: string): number | undefined {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  if (fstatSync(fd).isSymbolicLink()) return fd;
  closeSync(fd);
  return undefined;
}

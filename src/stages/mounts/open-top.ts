import { closeSync, constants } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { pathOfFd } from '../../rootfs/procfs.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { openInRoot } from '../../syscalls/files/path.ts';
import { pathInRootfs } from './mountpoint.ts';

/**
 * Opens the mount that mount(2) just made on `target`. The fd `target` is the directory below the
 * mount, so the path is resolved again. Throws if the mount point was moved meanwhile.
 */
export function openTop(ctx: InitContext, target: number): number {
  const path = pathInRootfs(ctx, target);
  const fd = openInRoot(ctx.rootfsFd, path, O_PATH | constants.O_NOFOLLOW);
  if (pathOfFd(ctx.procfs, fd) === pathOfFd(ctx.procfs, target)) return fd;
  closeSync(fd);
  throw new Error('another process moved the mount point meanwhile');
}

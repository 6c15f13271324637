import { constants } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { withCallDescription } from '../../errors/with-call-description.ts';
import { pathOfFd } from '../../rootfs/procfs.ts';
import { closedOnFailure } from '../../syscalls/files/closed-on-failure.ts';
import { createFileInRoot, mkdirAllInRoot } from '../../syscalls/files/path.ts';
import { openIfThere } from '../rootfs/open-if-there.ts';
import { checkProcMount } from './filesystem/check-proc.ts';
import { isBind, type MountRequest } from './request.ts';

interface Mountpoint {
  /** O_PATH fd of the file or directory to mount on. */
  fd: number;
  /** False when openMountpoint made it. */
  existed: boolean;
}

/**
 * Opens the mount point. Symlinks are resolved inside the rootfs; a missing mount point is made, a
 * directory or with `file` an empty file. The path is not used again: the fd is the mount point.
 * `source` is an fd of the bind's source.
 */
export function openMountpoint(
  ctx: InitContext,
  request: MountRequest,
  { file, source }: { file: boolean; source?: number },
): Mountpoint {
  const { destination, options } = request;
  const nofollow = options.destinationNofollow ? constants.O_NOFOLLOW : 0;
  const found = openIfThere(ctx.rootfsFd, destination, nofollow);
  const fd = closedOnFailure(found ?? makeMountpoint(ctx.rootfsFd, destination, file), (fd) =>
    checkPlace(ctx, fd, request, source),
  );
  return { fd, existed: found !== undefined };
}

function makeMountpoint(rootfsFd: number, destination: string, file: boolean): number {
  return withCallDescription(`make the mount point ${destination}`, () =>
    file
      ? createFileInRoot(rootfsFd, destination, 0o644)
      : mkdirAllInRoot(rootfsFd, destination, 0o755),
  );
}

/** Checks the path that the kernel has for the fd: it has no symlinks left in it. */
function checkPlace(
  ctx: InitContext,
  fd: number,
  request: MountRequest,
  source: number | undefined,
): void {
  const inside = pathInRootfs(ctx, fd);
  if (inside === '/') throw new Error(`mountpoint ${request.destination} is on top of the rootfs`);
  // A bind without a source is a remount: the file system stays.
  checkProcMount(inside, request, source ?? (isBind(request) ? fd : undefined));
}

/** The path of an fd, seen from the container's root: `/proc/sys`. Throws outside of the rootfs. */
export function pathInRootfs(ctx: InitContext, fd: number): string {
  const rootfs = pathOfFd(ctx.procfs, ctx.rootfsFd);
  const path = pathOfFd(ctx.procfs, fd);
  const prefix = rootfs === '/' ? '' : rootfs;
  if (path === rootfs) return '/';
  if (!path.startsWith(`${prefix}/`)) {
    throw new Error(`mountpoint ${path} is outside of the rootfs ${rootfs}`);
  }
  return path.slice(prefix.length);
}

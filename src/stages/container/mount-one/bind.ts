import { closeSync, fstatSync } from 'node:fs';
import { failedWith } from '../../../errors/syscall-error.ts';
import type { InitContext } from '../../../lifecycle/context.ts';
import { closedOnFailure } from '../../../syscalls/closed-on-failure.ts';
import { MS_BIND, MS_REC, MS_REMOUNT } from '../../../syscalls/mount.ts';
import { moveMount } from '../../../syscalls/mount-api.ts';
import { setTreeOptions } from './attributes.ts';
import { applyBindFlags } from './bind-flags.ts';
import { copyLink } from './copy-link.ts';
import { openMountpoint } from './mountpoint.ts';
import { isLink, openBindSource } from './open-bind-source.ts';
import { type MountRequest, mounting } from './request.ts';

/** Binds a file or a directory; returns an O_PATH fd of the mount, or of the copied symlink. */
export function mountBind(ctx: InitContext, request: MountRequest): number {
  if (request.options.flags & MS_REMOUNT) return remount(ctx, request);
  return closedOnFailure(cloneSource(request), (tree) => {
    if (isLink(request, tree)) {
      mounting(request, () => copyLink(ctx, request, tree));
      return;
    }
    const file = !fstatSync(tree).isDirectory();
    const target = openMountpoint(ctx, request, { file, source: tree });
    try {
      attachTree(ctx, request, tree, target.fd);
    } finally {
      closeSync(target.fd);
    }
  });
}

/** Binds on what `target` is open on; returns an O_PATH fd of the mount. */
export const bindOn = (ctx: InitContext, request: MountRequest, target: number): number =>
  closedOnFailure(cloneSource(request), (tree) => attachTree(ctx, request, tree, target));

const cloneSource = (request: MountRequest): number =>
  mounting(request, () => cloneOrOpen(request));

/** A detached copy of the source's mount, opened by another process where init may not. */
function cloneOrOpen(request: MountRequest): number {
  const { source, openSource, idMapped } = request;
  if (idMapped) {
    const mapped = openSource?.();
    if (mapped === undefined) throw new Error(`${source}: mapping the ids of a mount takes root`);
    return mapped;
  }
  try {
    return openBindSource(request);
  } catch (error) {
    const opened = failedWith(error, 'EACCES') ? openSource?.() : undefined;
    if (opened === undefined) throw error;
    return opened;
  }
}

function attachTree(ctx: InitContext, request: MountRequest, tree: number, target: number): void {
  const { options } = request;
  const { flags, clearedFlags } = options;
  mounting(request, () => {
    moveMount(tree, target);
    if (flags & ~(MS_BIND | MS_REC) || clearedFlags) applyBindFlags(ctx, request, tree);
    setTreeOptions(ctx.procfs, tree, options);
  });
}

/** `remount` with `bind`: only the flags of the mount that is at the destination already. */
function remount(ctx: InitContext, request: MountRequest): number {
  return closedOnFailure(openMountpoint(ctx, request, { file: false }).fd, (fd) =>
    mounting(request, () => {
      applyBindFlags(ctx, request, fd);
      setTreeOptions(ctx.procfs, fd, request.options);
    }),
  );
}

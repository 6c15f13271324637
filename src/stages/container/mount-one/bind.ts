import { closeSync, fstatSync } from 'node:fs';
import { failedWith } from '../../../errors/syscall-error.ts';
import type { InitContext } from '../../../lifecycle/context.ts';
import { AT_FDCWD } from '../../../syscalls/file.ts';
import { MS_BIND, MS_REC, MS_REMOUNT } from '../../../syscalls/mount.ts';
import {
  AT_RECURSIVE,
  mountSetattr,
  moveMount,
  OPEN_TREE_CLONE,
  openTree,
} from '../../../syscalls/mount-api.ts';
import { setPropagation } from './attributes.ts';
import { applyBindFlags } from './bind-flags.ts';
import { described } from './described.ts';
import { openMountpoint } from './mountpoint.ts';
import { describeRequest, type MountRequest } from './request.ts';

/** Binds a file or a directory; returns an O_PATH fd of the mount. */
export function mountBind(ctx: InitContext, request: MountRequest): number {
  if (request.options.flags & MS_REMOUNT) return remount(ctx, request);
  const tree = described(
    () => describeRequest(request),
    () => cloneSource(request),
  );
  try {
    const file = !fstatSync(tree).isDirectory();
    const target = openMountpoint(ctx, request, { file, source: tree });
    try {
      attachTree(ctx, request, tree, target.fd);
    } finally {
      closeSync(target.fd);
    }
    return tree;
  } catch (error) {
    closeSync(tree);
    throw error;
  }
}

/** Binds on what `target` is open on; returns an O_PATH fd of the mount. */
export function bindOn(ctx: InitContext, request: MountRequest, target: number): number {
  const tree = described(
    () => describeRequest(request),
    () => cloneSource(request),
  );
  try {
    attachTree(ctx, request, tree, target);
    return tree;
  } catch (error) {
    closeSync(tree);
    throw error;
  }
}

/** A detached copy of the source's mount, opened by another process where init may not. */
function cloneSource({ source, openSource, idMapped, options }: MountRequest): number {
  if (idMapped) {
    const mapped = openSource?.();
    if (mapped === undefined) throw new Error(`${source}: mapping the ids of a mount takes root`);
    return mapped;
  }
  try {
    const recursive = options.flags & MS_REC ? AT_RECURSIVE : 0;
    return openTree(AT_FDCWD, source, OPEN_TREE_CLONE | recursive);
  } catch (error) {
    const opened = failedWith(error, 'EACCES') ? openSource?.() : undefined;
    if (opened === undefined) throw error;
    return opened;
  }
}

function attachTree(ctx: InitContext, request: MountRequest, tree: number, target: number): void {
  const { flags, clearedFlags, propagation, recursive } = request.options;
  described(
    () => describeRequest(request),
    () => {
      moveMount(tree, target);
      for (const flag of propagation) setPropagation(ctx.procfs, tree, flag);
      if (flags & ~(MS_BIND | MS_REC) || clearedFlags) applyBindFlags(ctx, request, tree);
      if (recursive) mountSetattr(tree, recursive, true);
    },
  );
}

/** `remount` with `bind`: only the flags of the mount that is at the destination already. */
function remount(ctx: InitContext, request: MountRequest): number {
  const target = openMountpoint(ctx, request, { file: false });
  try {
    described(
      () => describeRequest(request),
      () => {
        applyBindFlags(ctx, request, target.fd);
        for (const flag of request.options.propagation) setPropagation(ctx.procfs, target.fd, flag);
        if (request.options.recursive) mountSetattr(target.fd, request.options.recursive, true);
      },
    );
    return target.fd;
  } catch (error) {
    closeSync(target.fd);
    throw error;
  }
}

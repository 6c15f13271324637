import { closeSync, constants, fstatSync } from 'node:fs';
import type { InitContext } from '../../../lifecycle/context.ts';
import { openat } from '../../../syscalls/file.ts';
import { moveMount } from '../../../syscalls/mount-api.ts';
import { setPropagation } from './attributes.ts';
import { copyTree } from './copy-tree.ts';
import { described } from './described.ts';
import { createDetached, mountFilesystem, writable } from './filesystem.ts';
import { openMountpoint } from './mountpoint.ts';
import { describeRequest, type MountRequest } from './request.ts';

/**
 * Mounts a tmpfs, with the mode of the directory that it hides. It stays writable until readonlyRootfs,
 * as later mounts have their mount points in it.
 */
export function mountTmpfs(ctx: InitContext, request: MountRequest): number {
  const target = openMountpoint(ctx, request, { file: false });
  try {
    const tmpfs = writable(target.existed ? withModeOf(target.fd, request) : request);
    if (request.options.tmpcopyup) return mountCopy(ctx, tmpfs, target.fd);
    return mountFilesystem(ctx, tmpfs, target.fd);
  } finally {
    closeSync(target.fd);
  }
}

/** The directory's mode comes first, so that a mode among the options wins. */
function withModeOf(directory: number, request: MountRequest): MountRequest {
  const mode = `mode=${(fstatSync(directory).mode & 0o7777).toString(8).padStart(4, '0')}`;
  const { options } = request;
  return { ...request, options: { ...options, data: [mode, ...options.data] } };
}

/** `tmpcopyup`: fills the tmpfs while it is attached nowhere, so that nobody sees it half full. */
function mountCopy(ctx: InitContext, request: MountRequest, target: number): number {
  return described(
    () => describeRequest(request),
    () => {
      const fd = createDetached(request);
      if (fd === undefined) throw new Error('tmpcopyup needs the mount calls of Linux 5.2');
      const [from, to] = [
        openat(target, '.', constants.O_RDONLY),
        openat(fd, '.', constants.O_RDONLY),
      ];
      try {
        copyTree(from, to);
        moveMount(fd, target);
        for (const flag of request.options.propagation) setPropagation(ctx.procfs, fd, flag);
        return fd;
      } catch (error) {
        closeSync(fd);
        throw error;
      } finally {
        closeSync(from);
        closeSync(to);
      }
    },
  );
}

import { closeSync, constants, fstatSync } from 'node:fs';
import type { InitContext } from '../../../lifecycle/context.ts';
import { closedOnFailure } from '../../../syscalls/closed-on-failure.ts';
import { openat } from '../../../syscalls/file.ts';
import { moveMount } from '../../../syscalls/mount-api.ts';
import { setTreeOptions } from './attributes.ts';
import { copyTree } from './copy-tree.ts';
import { createDetached, mountFilesystem, writable } from './filesystem.ts';
import { openMountpoint } from './mountpoint.ts';
import { type MountRequest, mounting } from './request.ts';

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
  return mounting(request, () => {
    const detached = createDetached(request);
    if (detached === undefined) throw new Error('tmpcopyup needs the mount calls of Linux 5.2');
    return closedOnFailure(detached, (fd) => {
      copy(target, fd);
      moveMount(fd, target);
      setTreeOptions(ctx.procfs, fd, request.options);
    });
  });
}

/** Between directories that O_PATH fds are open on. */
function copy(from: number, to: number): void {
  const source = openat(from, '.', constants.O_RDONLY);
  const target = openat(to, '.', constants.O_RDONLY);
  try {
    copyTree(source, target);
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

import { closeSync, constants, fstatSync } from 'node:fs';
import type { InitContext } from '../../../context/init-context.ts';
import { unlessRefused } from '../../../errors/syscall-error.ts';
import { closedOnFailure } from '../../../syscalls/files/closed-on-failure.ts';
import { openat } from '../../../syscalls/files/file.ts';
import { moveMount } from '../../../syscalls/mount/mount-api.ts';
import { openMountpoint } from '../mountpoint.ts';
import { type MountRequest, mounting } from '../request.ts';
import { setTreeOptions } from '../tree-options.ts';
import { copyTree } from './copy-tree.ts';
import { createDetached, mountByPath, mountFilesystem, writable } from './filesystem.ts';

/**
 * Mounts a tmpfs, with the mode of the directory that it hides. The tmpfs stays writable until
 * readonlyRootfs, as later mounts have their mount points in it.
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

/** `tmpcopyup`: fills the tmpfs while it is detached, where possible: nobody sees it half full. */
const mountCopy = (ctx: InitContext, request: MountRequest, target: number): number =>
  mounting(request, () =>
    closedOnFailure(copyOf(ctx, request, target), (fd) => {
      setTreeOptions(ctx, fd, request.options);
    }),
  );

const copyOf = (ctx: InitContext, request: MountRequest, target: number): number =>
  unlessRefused(
    () => {
      const detached = createDetached(ctx, request);
      if (detached === undefined) return coveringCopy(ctx, request, target);
      return closedOnFailure(detached, (fd) => {
        copy(target, fd);
        moveMount(fd, target);
      });
    },
    () => coveringCopy(ctx, request, target),
  );

/** The directory open as `target` is below the tmpfs, and can still be read. */
const coveringCopy = (ctx: InitContext, request: MountRequest, target: number): number =>
  closedOnFailure(mountByPath(ctx, request, target), (fd) => copy(target, fd));

/** Copies between the directories of two O_PATH fds. */
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

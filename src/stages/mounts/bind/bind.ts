import { closeSync, fstatSync } from 'node:fs';
import type { InitContext } from '../../../context/init-context.ts';
import { hasErrno } from '../../../errors/syscall-error.ts';
import { closedOnFailure } from '../../../syscalls/files/closed-on-failure.ts';
import { MS_BIND, MS_REC, MS_REMOUNT } from '../../../syscalls/mount/mount.ts';
import { moveMount } from '../../../syscalls/mount/mount-api.ts';
import { openMountpoint } from '../mountpoint.ts';
import { type MountRequest, mounting } from '../request.ts';
import { setTreeOptions } from '../tree-options.ts';
import { bindByPath } from './bind-fd.ts';
import { applyBindFlags } from './bind-flags.ts';
import type { BindSource } from './bind-source.ts';
import { copyLink } from './copy-link.ts';
import { isLink, openBindSource } from './open-bind-source.ts';

/** Binds a file or a directory; returns an O_PATH fd of the mount, or of the copied symlink. */
export function mountBind(ctx: InitContext, request: MountRequest): number {
  if (request.options.flags & MS_REMOUNT) return remount(ctx, request);
  const source = openSourceOf(request);
  return attached(source, () => {
    if (isLink(request, source.fd)) {
      mounting(request, () => copyLink(ctx, request, source.fd));
      return source.fd;
    }
    const file = !fstatSync(source.fd).isDirectory();
    const target = openMountpoint(ctx, request, { file, source: source.fd });
    try {
      return attachSource(ctx, request, source, target.fd);
    } finally {
      closeSync(target.fd);
    }
  });
}

/** Binds over the file open as `target`; returns an O_PATH fd of the mount. */
export function bindOn(ctx: InitContext, request: MountRequest, target: number): number {
  const source = openSourceOf(request);
  return attached(source, () => attachSource(ctx, request, source, target));
}

/** Closes the source, unless its fd is the fd of the mount. */
function attached({ fd }: BindSource, attach: () => number): number {
  let mount: number | undefined;
  try {
    mount = attach();
    return mount;
  } finally {
    if (mount !== fd) closeSync(fd);
  }
}

const openSourceOf = (request: MountRequest): BindSource =>
  mounting(request, () => openOrAsk(request));

/** Opens the source. Where init may not, asks the source opener for it. */
function openOrAsk(request: MountRequest): BindSource {
  const { source, openSource, idMapped } = request;
  if (idMapped) {
    const mapped = openSource?.();
    if (mapped === undefined) throw new Error(`${source}: mapping the ids of a mount takes root`);
    return mapped;
  }
  try {
    return openBindSource(request);
  } catch (error) {
    const opened = hasErrno(error, 'EACCES') ? openSource?.() : undefined;
    if (opened === undefined) throw error;
    return opened;
  }
}

function attachSource(
  ctx: InitContext,
  request: MountRequest,
  source: BindSource,
  target: number,
): number {
  const recursive = (request.options.flags & MS_REC) !== 0;
  return mounting(request, () => {
    if (source.detached) {
      moveMount(source.fd, target);
      setOptions(ctx, request, source.fd);
      return source.fd;
    }
    const mount = bindByPath(ctx, source.fd, target, { recursive });
    return closedOnFailure(mount, (fd) => setOptions(ctx, request, fd));
  });
}

function setOptions(ctx: InitContext, request: MountRequest, mount: number): void {
  const { options } = request;
  const { flags, clearedFlags } = options;
  if (flags & ~(MS_BIND | MS_REC) || clearedFlags) applyBindFlags(ctx, request, mount);
  setTreeOptions(ctx, mount, options);
}

/** `remount` with `bind`: changes only the flags of the mount at the destination. */
function remount(ctx: InitContext, request: MountRequest): number {
  return closedOnFailure(openMountpoint(ctx, request, { file: false }).fd, (fd) =>
    mounting(request, () => {
      applyBindFlags(ctx, request, fd);
      setTreeOptions(ctx, fd, request.options);
    }),
  );
}

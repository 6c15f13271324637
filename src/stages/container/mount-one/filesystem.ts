import { closeSync } from 'node:fs';
import { failedWith, SyscallError } from '../../../errors/syscall-error.ts';
import type { InitContext } from '../../../lifecycle/context.ts';
import { pathOfFd } from '../../../process/procfs.ts';
import { closedOnFailure } from '../../../syscalls/closed-on-failure.ts';
import { O_PATH } from '../../../syscalls/file.ts';
import { MS_I_VERSION, MS_RDONLY, MS_REMOUNT, mount } from '../../../syscalls/mount.ts';
import { MOUNT_ATTR_RDONLY, moveMount } from '../../../syscalls/mount-api.ts';
import { openInRoot } from '../../../syscalls/path.ts';
import { atProcfs, selfFd } from './at-procfs.ts';
import { setTreeOptions } from './attributes.ts';
import { createFilesystem, splitData } from './fs-context.ts';
import { pathInRootfs } from './mountpoint.ts';
import { type MountRequest, mountData, mounting } from './request.ts';

/**
 * Kernel file systems, which are the same by fsopen(2) as by mount(2). Others may read their
 * options in ways of their own (overlay's escaped commas, values over 255 bytes), so mount(2)
 * passes them whole.
 */
const BY_FSOPEN = new Set([
  'bpf',
  'cgroup',
  'cgroup2',
  'debugfs',
  'devpts',
  'hugetlbfs',
  'mqueue',
  'proc',
  'ramfs',
  'securityfs',
  'sysfs',
  'tmpfs',
  'tracefs',
]);

/** Mounts a file system on what `target` is open on; returns an O_PATH fd of the mount. */
export function mountFilesystem(ctx: InitContext, request: MountRequest, target: number): number {
  return mounting(request, () => {
    const fd = attach(ctx, request, target);
    setTreeOptions(ctx.procfs, fd, request.options);
    return fd;
  });
}

function attach(ctx: InitContext, request: MountRequest, target: number): number {
  const detached = createDetached(request);
  if (detached === undefined) return mountByPath(ctx, request, target);
  return closedOnFailure(detached, (fd) => moveMount(fd, target));
}

/** A mount of the file system attached nowhere yet; undefined where only mount(2) makes it as asked. */
export function createDetached(request: MountRequest): number | undefined {
  const { source, type, options } = request;
  const data = splitData(mountData(request));
  const byPath =
    !BY_FSOPEN.has(type) ||
    (options.flags & (MS_REMOUNT | MS_I_VERSION)) !== 0 ||
    data.some(([, value]) => value !== undefined && Buffer.byteLength(value) > 255);
  if (byPath) return undefined;
  try {
    return createFilesystem({ type, source, data, flags: options.flags });
  } catch (error) {
    if (failedWith(error, 'ENOSYS')) return undefined;
    throw error;
  }
}

/** mount(2), on the fd as the private procfs names it. */
function mountByPath(ctx: InitContext, request: MountRequest, target: number): number {
  const { source, type, options } = request;
  try {
    atProcfs(ctx.procfs, () =>
      mount(source, selfFd(target), type, options.flags, mountData(request)),
    );
  } catch (error) {
    throw explained(error, request);
  }
  return reopen(ctx, target);
}

/** mount(2) tells dmesg what fsconfig(2) tells its caller: so it is asked the same once more. */
function explained(error: unknown, request: MountRequest): unknown {
  const { source, type, options } = request;
  if (!(error instanceof SyscallError) || options.flags & MS_REMOUNT) return error;
  try {
    const data = splitData(mountData(request));
    closeSync(createFilesystem({ type, source, data, flags: options.flags }));
    return error;
  } catch (same) {
    return failedWith(same, error.code) ? same : error;
  }
}

/**
 * Opens the mount that mount(2) just put on `target`: the path must be walked again to get on top.
 * Something moved there meanwhile has another path, and is refused.
 */
function reopen(ctx: InitContext, target: number): number {
  const fd = openInRoot(ctx.rootfsFd, pathInRootfs(ctx, target), O_PATH);
  if (pathOfFd(ctx.procfs, fd) === pathOfFd(ctx.procfs, target)) return fd;
  closeSync(fd);
  throw new Error('the mount point was moved while it was mounted on');
}

/** The request to be mounted writable: its mount points and devices are yet to be made. */
export function writable(request: MountRequest): MountRequest {
  const { options } = request;
  const recursive = options.recursive && {
    ...options.recursive,
    set: options.recursive.set & ~MOUNT_ATTR_RDONLY,
  };
  return { ...request, options: { ...options, flags: options.flags & ~MS_RDONLY, recursive } };
}

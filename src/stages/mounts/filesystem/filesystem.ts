import { closeSync } from 'node:fs';
import type { InitContext } from '../../../context/init-context.ts';
import { hasErrno, isRefused, SyscallError, unlessRefused } from '../../../errors/syscall-error.ts';
import { openJoinedProcfs } from '../../../rootfs/joined-procfs.ts';
import { closedOnFailure } from '../../../syscalls/files/closed-on-failure.ts';
import { MS_I_VERSION, MS_RDONLY, MS_REMOUNT, mount } from '../../../syscalls/mount/mount.ts';
import { fsopen, MOUNT_ATTR_RDONLY, moveMount } from '../../../syscalls/mount/mount-api.ts';
import { openTop } from '../open-top.ts';
import { type MountRequest, mountData, mounting } from '../request.ts';
import { setTreeOptions } from '../tree-options.ts';
import { atProcfs, selfFd } from './at-procfs.ts';
import { createFilesystem, splitData } from './fs-context.ts';

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

/** Mounts a file system over the file open as `target`; returns an O_PATH fd of the mount. */
export function mountFilesystem(ctx: InitContext, request: MountRequest, target: number): number {
  return mounting(request, () => {
    const fd = attach(ctx, request, target);
    setTreeOptions(ctx, fd, request.options);
    return fd;
  });
}

const attach = (ctx: InitContext, request: MountRequest, target: number): number =>
  unlessRefused(
    () => {
      const detached = createDetached(ctx, request);
      if (detached === undefined) return mountByPath(ctx, request, target);
      return closedOnFailure(detached, (fd) => moveMount(fd, target));
    },
    () => mountByPath(ctx, request, target),
  );

/** A detached mount of the file system; undefined where only mount(2) can make it as asked. */
export function createDetached(
  ctx: Pick<InitContext, 'pidNamespace' | 'procfsContexts'>,
  request: MountRequest,
): number | undefined {
  const { source, type, options } = request;
  const data = splitData(mountData(request));
  const byPath =
    !BY_FSOPEN.has(type) ||
    (options.flags & (MS_REMOUNT | MS_I_VERSION)) !== 0 ||
    data.some(([, value]) => value !== undefined && Buffer.byteLength(value) > 255);
  if (byPath) return undefined;
  const { pidNamespace } = ctx;
  return createFilesystem({ type, source, data, flags: options.flags }, (type) =>
    type === 'proc' && pidNamespace !== undefined
      ? openJoinedProcfs(pidNamespace, ctx.procfsContexts)
      : fsopen(type),
  );
}

/** Mounts by mount(2), on the path of the fd in the private procfs. */
export function mountByPath(ctx: InitContext, request: MountRequest, target: number): number {
  const { source, type, options } = request;
  if (type === 'proc' && ctx.pidNamespace !== undefined && !(options.flags & MS_REMOUNT)) {
    throw new Error("mount(2) would show davit's own pid namespace: this mount needs fsopen(2)");
  }
  try {
    atProcfs(ctx.procfs, () =>
      mount(source || null, selfFd(target), type, options.flags, mountData(request)),
    );
  } catch (error) {
    throw explained(error, request);
  }
  return openTop(ctx, target);
}

/** mount(2) gives its reason only to dmesg, fsconfig(2) to its caller: so asks fsconfig(2). */
function explained(error: unknown, request: MountRequest): unknown {
  const { source, type, options } = request;
  if (!(error instanceof SyscallError) || options.flags & MS_REMOUNT) return error;
  try {
    const data = splitData(mountData(request));
    closeSync(createFilesystem({ type, source, data, flags: options.flags }));
    return error;
  } catch (same) {
    return hasErrno(same, error.code) && !isRefused(same) ? same : error;
  }
}

/** The request as a writable mount: mount points and devices are yet to be made in it. */
export function writable(request: MountRequest): MountRequest {
  const { options } = request;
  const recursive = options.recursive && {
    ...options.recursive,
    set: options.recursive.set & ~MOUNT_ATTR_RDONLY,
  };
  return { ...request, options: { ...options, flags: options.flags & ~MS_RDONLY, recursive } };
}

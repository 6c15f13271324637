import { hasNamespace } from '../../config/has-namespace.ts';
import { suggestMountOption } from '../../config/mounts/suggest-mount-option.ts';
import type { InitContext } from '../../context/init-context.ts';
import { SyscallError } from '../../errors/syscall-error.ts';
import { MS_REC } from '../../syscalls/mount/mount.ts';
import { inUserNamespace } from '../../syscalls/task/user-namespace.ts';
import { isBind, type MountRequest } from './request.ts';

/** What to do about a mount that failed, by system call, errno and request. */
export function mountHint(
  ctx: InitContext,
  request: MountRequest,
  error: unknown,
): string | undefined {
  if (!(error instanceof SyscallError)) return undefined;
  const { syscall, code, hint } = error;
  if (hint) return hint;
  if (code === 'EPERM') return refused(ctx, request, syscall);
  if (syscall === 'open_tree') return ofSource(request, code);
  if (syscall === 'move_mount' || syscall === 'mount') {
    if (code === 'ENOTDIR') return 'source and destination must both be directories, or both files';
  }
  if (MAKES_FILESYSTEM.includes(syscall)) return ofFilesystem(request, code);
  return MAKES_MOUNTPOINT.includes(syscall) ? OF_MOUNTPOINT[code] : undefined;
}

const MAKES_FILESYSTEM: readonly string[] = ['fsopen', 'fsconfig', 'fsmount', 'mount'];
const MAKES_MOUNTPOINT: readonly string[] = ['openat', 'openat2', 'mkdirat', 'readlinkat'];

const OF_MOUNTPOINT: Readonly<Record<string, string>> = {
  ENOTDIR: 'a part of the destination is a file in the rootfs',
  ELOOP: 'the symlinks in the destination form a loop in the rootfs',
  EROFS: 'create the mount point in the rootfs, or list the read-only mount after this one',
};

function ofSource({ options }: MountRequest, code: string): string | undefined {
  if (code === 'ENOENT') {
    return 'the source is a path on the host, relative to the bundle: create it first';
  }
  // do_loopback in fs/namespace.c: locked mounts below the source must be bound with it.
  if (code === 'EINVAL' && !(options.flags & MS_REC)) {
    return "a user namespace may not leave out the host's mounts below the source: use rbind in place of bind";
  }
  return undefined;
}

function ofFilesystem({ type, options }: MountRequest, code: string): string | undefined {
  if (code === 'ENODEV') {
    return '/proc/filesystems lists the supported types; a bind mount needs the option bind or rbind';
  }
  const suggestion = code === 'EINVAL' ? suggestMountOption(options.data) : undefined;
  if (suggestion || type !== 'overlay') return suggestion;
  return 'lowerdir, upperdir and workdir must exist, and upperdir and workdir must be on one file system that is not an overlay';
}

/** The hint for EPERM: what the kernel requires for each call, above all in a user namespace. */
function refused(ctx: InitContext, request: MountRequest, syscall: string): string | undefined {
  const { type } = request;
  if (!hasNamespace(ctx.spec.linux, 'user') && !inUserNamespace()) return aroundDavit(syscall);
  if (syscall === 'mount_setattr') return LOCKED;
  // fsmount(2), mount_too_revealing.
  if (syscall === 'fsmount' && (type === 'proc' || type === 'sysfs')) {
    return "other mounts cover a part of the host's own, as in a container: bind it in place of mounting a new one";
  }
  if (isBind(request) || (syscall !== 'fsconfig' && syscall !== 'mount'))
    return aroundDavit(syscall);
  if (type === 'proc' && !hasNamespace(ctx.spec.linux, 'pid')) {
    return 'in a user namespace, proc needs a new pid namespace in linux.namespaces';
  }
  return "only the host's root may mount this type, not the root of a user namespace: bind a mount of the host";
}

const LOCKED =
  "in a user namespace a mount keeps the host's flags: leave out options that change them, such as rw, exec or another atime";

const aroundDavit = (syscall: string): string =>
  `davit is not allowed to call ${syscall}: it lacks CAP_SYS_ADMIN, or a seccomp filter or a security module refuses the call`;

import { existsSync } from 'node:fs';
import { hasNamespace } from '../../../config/has-namespace.ts';
import type { InitContext } from '../../../context/init-context.ts';
import { hasErrno } from '../../../errors/syscall-error.ts';
import { MS_BIND, MS_RDONLY, MS_REC } from '../../../syscalls/mount/mount.ts';
import { MOUNT_ATTR_RDONLY } from '../../../syscalls/mount/mount-api.ts';
import { bindOn } from '../bind/bind.ts';
import type { MountRequest } from '../request.ts';
import { mountFilesystem } from './filesystem.ts';

const ON_THE_HOST: Readonly<Record<string, string>> = { sysfs: '/sys', mqueue: '/dev/mqueue' };

/**
 * Mounts a file system that shows a namespace. A user namespace that shares that namespace with the
 * host may not mount it anew (EPERM): the host's mount, which shows the same, is bound instead.
 */
export function mountKernelFilesystem(
  ctx: InitContext,
  request: MountRequest,
  target: number,
): number {
  try {
    return mountFilesystem(ctx, request, target);
  } catch (error) {
    const source = ON_THE_HOST[request.type];
    const shared = source && hasNamespace(ctx.spec.linux, 'user') && existsSync(source);
    if (!shared || !hasErrno(error, 'EPERM')) throw error;
    return bindOn(ctx, allReadonly(bindRequest(request, source)), target);
  }
}

/** A recursive bind brings the host's mounts below: `ro` then makes all of them read-only. */
function allReadonly(request: MountRequest): MountRequest {
  const { options } = request;
  if (!(options.flags & MS_RDONLY)) return request;
  const { set, clear } = options.recursive ?? { set: 0, clear: 0 };
  const recursive = { set: set | MOUNT_ATTR_RDONLY, clear: clear & ~MOUNT_ATTR_RDONLY };
  return { ...request, options: { ...options, recursive } };
}

/** The same mount as a recursive bind of `source`. */
export function bindRequest(request: MountRequest, source: string): MountRequest {
  const { options } = request;
  const flags = options.flags | MS_BIND | MS_REC;
  return { ...request, type: 'bind', source, options: { ...options, flags, data: [] } };
}

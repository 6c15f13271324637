import { closeSync, constants } from 'node:fs';
import { basename } from 'node:path';
import { type CgroupHierarchy, directoryOf } from '../../../cgroups/cgroup.ts';
import { hasNamespace } from '../../../config/has-namespace.ts';
import { parseMountOptions } from '../../../config/mounts/mount-options.ts';
import type { InitContext } from '../../../context/init-context.ts';
import { hasErrno } from '../../../errors/syscall-error.ts';
import { closedOnFailure } from '../../../syscalls/files/closed-on-failure.ts';
import { mkdirat, O_PATH, openat, symlinkat } from '../../../syscalls/files/file.ts';
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY } from '../../../syscalls/mount/mount.ts';
import { mountSetattr } from '../../../syscalls/mount/mount-api.ts';
import { bindOn } from '../bind/bind.ts';
import { openMountpoint } from '../mountpoint.ts';
import { type MountRequest, mounting } from '../request.ts';
import { mountFilesystem } from './filesystem.ts';
import { bindRequest } from './kernel-filesystem.ts';

const DEFAULT_FLAGS = MS_NOEXEC | MS_NOSUID | MS_NODEV;

/**
 * Mounts a tmpfs with a directory for each v1 hierarchy. Each shows its hierarchy from the
 * container's cgroup downwards: a new mount in a cgroup namespace, otherwise a bind of the host's.
 */
export function mountCgroupV1(ctx: InitContext, request: MountRequest): number {
  const target = openMountpoint(ctx, request, { file: false });
  const { recursive } = request.options;
  try {
    return closedOnFailure(mountFilesystem(ctx, tmpfsRequest(request), target.fd), (tmpfs) => {
      for (const hierarchy of ctx.cgroup?.allHierarchies ?? []) {
        if (hierarchy.version === 1) mountHierarchy(ctx, request, tmpfs, hierarchy);
      }
      if (recursive) mounting(request, () => mountSetattr(tmpfs, recursive, true));
    });
  } finally {
    closeSync(target.fd);
  }
}

function tmpfsRequest(request: MountRequest): MountRequest {
  const options = { ...parseMountOptions(['mode=755']), flags: DEFAULT_FLAGS };
  const { propagation } = request.options;
  return { ...request, source: 'tmpfs', type: 'tmpfs', options: { ...options, propagation } };
}

function mountHierarchy(
  ctx: InitContext,
  request: MountRequest,
  tmpfs: number,
  hierarchy: CgroupHierarchy,
): void {
  const name = basename(hierarchy.mountpoint);
  mkdirat(tmpfs, name, 0o755);
  const target = openat(tmpfs, name, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const destination = `${request.destination}/${name}`;
    closeSync(
      hasNamespace(ctx.spec.linux, 'cgroup')
        ? mountFilesystem(ctx, freshRequest({ ...request, destination }, hierarchy), target)
        : bindOn(ctx, bindRequest({ ...request, destination }, directoryOf(hierarchy)), target),
    );
  } finally {
    closeSync(target);
  }
  linkControllers(tmpfs, name);
}

function freshRequest(request: MountRequest, { controllers }: CgroupHierarchy): MountRequest {
  const flags = DEFAULT_FLAGS | (request.options.flags & MS_RDONLY);
  const options = { ...parseMountOptions(controllers), flags };
  const source = controllers.includes('name=systemd') ? 'systemd' : 'cgroup';
  return { ...request, source, type: 'cgroup', options, label: undefined };
}

/** `cpu` and `cpuacct` for a hierarchy named `cpu,cpuacct`: programs look for either. */
function linkControllers(tmpfs: number, name: string): void {
  if (!name.includes(',')) return;
  for (const controller of name.split(',')) {
    try {
      symlinkat(name, tmpfs, controller);
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
    }
  }
}

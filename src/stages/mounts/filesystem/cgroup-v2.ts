import { closeSync } from 'node:fs';
import { directoryOf } from '../../../cgroups/cgroup.ts';
import { hasNamespace } from '../../../config/has-namespace.ts';
import { CGROUP_ROOT } from '../../../config/host/cgroups.ts';
import type { InitContext } from '../../../context/init-context.ts';
import { hasErrno } from '../../../errors/syscall-error.ts';
import { maskDirectory } from '../../rootfs/mask-directory.ts';
import { bindOn } from '../bind/bind.ts';
import { openMountpoint } from '../mountpoint.ts';
import type { MountRequest } from '../request.ts';
import { mountFilesystem } from './filesystem.ts';
import { bindRequest } from './kernel-filesystem.ts';

/** Mounts cgroup2; in a user namespace without its own cgroup namespace, binds the host's. */
export function mountCgroupV2(ctx: InitContext, request: MountRequest): number {
  const target = openMountpoint(ctx, request, { file: false });
  try {
    return mountFilesystem(ctx, { ...request, type: 'cgroup2', label: undefined }, target.fd);
  } catch (error) {
    if (!hasErrno(error, 'EPERM', 'EBUSY')) throw error;
    return bindInstead(ctx, request, target.fd);
  } finally {
    closeSync(target.fd);
  }
}

function bindInstead(ctx: InitContext, request: MountRequest, target: number): number {
  const own = ctx.cgroup?.hierarchies.find(({ version }) => version === 2);
  const isolated = hasNamespace(ctx.spec.linux, 'cgroup') && own;
  try {
    return bindOn(ctx, bindRequest(request, isolated ? directoryOf(own) : CGROUP_ROOT), target);
  } catch (error) {
    // An ordinary user's cgroup may not be visible here. An empty directory then covers the host's.
    if (!ctx.rootless || !hasErrno(error, 'ENOENT')) throw error;
    return maskDirectory(ctx, target, request.label);
  }
}

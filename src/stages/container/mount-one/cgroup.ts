import type { InitContext } from '../../../lifecycle/context.ts';
import { CGROUP2_SUPER_MAGIC, statfs } from '../../../syscalls/statfs.ts';
import { mountCgroupV1 } from './cgroup-v1.ts';
import { CGROUP_ROOT, mountCgroupV2 } from './cgroup-v2.ts';
import type { MountRequest } from './request.ts';

/** Mounts what the host has: the one hierarchy of version 2, or each of version 1 below a tmpfs. */
export function mountCgroup(ctx: InitContext, request: MountRequest): number {
  return isUnified() ? mountCgroupV2(ctx, request) : mountCgroupV1(ctx, request);
}

function isUnified(): boolean {
  try {
    return statfs(CGROUP_ROOT).type === CGROUP2_SUPER_MAGIC;
  } catch {
    return false;
  }
}

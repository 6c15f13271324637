import { onlyCgroup2 } from '../../../config/host/cgroups.ts';
import type { InitContext } from '../../../context/init-context.ts';
import type { MountRequest } from '../request.ts';
import { mountCgroupV1 } from './cgroup-v1.ts';
import { mountCgroupV2 } from './cgroup-v2.ts';

/** Mounts cgroups as the host has them: the v2 hierarchy, or each v1 hierarchy below a tmpfs. */
export function mountCgroup(ctx: InitContext, request: MountRequest): number {
  return onlyCgroup2() ? mountCgroupV2(ctx, request) : mountCgroupV1(ctx, request);
}

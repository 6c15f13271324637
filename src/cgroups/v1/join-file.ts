import type { JoinFile } from '../attachment.ts';
import { type CgroupHierarchy, directoryOf } from '../cgroup.ts';
import { readMounts, readOwnCgroups } from '../mounts.ts';
import { ownCgroupPath } from '../placement.ts';
import { readIfThere } from '../usage/read-counts.ts';

/**
 * The file that moves a single-threaded process into a hierarchy: v1's tasks moves one thread only.
 */
export function joinFileOf(
  hierarchy: CgroupHierarchy,
  optional: boolean,
  returns: boolean,
): JoinFile {
  const dir = directoryOf(hierarchy);
  const has = (controller: string) => hierarchy.controllers.includes(controller);
  const chargesSetup = has('memory') || (has('cpu') && limitsCpuTime(dir));
  const name = hierarchy.version === 1 ? 'tasks' : 'cgroup.procs';
  return {
    file: `${dir}/${name}`,
    chargesSetup,
    optional,
    returnFile:
      chargesSetup && returns
        ? `${directoryOf({ ...hierarchy, path: ownPlaceIn(hierarchy) })}/${name}`
        : undefined,
  };
}

/**
 * True when CFS bandwidth is limited. A hierarchy with realtime runtime is joined early all the
 * same: init needs it before it can set a realtime policy.
 */
function limitsCpuTime(dir: string): boolean {
  const amount = (file: string): number => Number(readIfThere(dir, file) ?? 0);
  return amount('cpu.cfs_quota_us') > 0 && amount('cpu.rt_runtime_us') === 0;
}

/** The runtime's own cgroup in a hierarchy, as a path below the mountpoint. */
export function ownPlaceIn({ controllers, mountpoint }: CgroupHierarchy): string {
  const root = readMounts().find((mount) => mount.mountpoint === mountpoint)?.root ?? '/';
  const own = readOwnCgroups().find((one) => one.controllers[0] === controllers[0]);
  return ownCgroupPath(root, own?.path ?? '/');
}

import type { Door } from '../attachment.ts';
import { type CgroupHierarchy, directoryOf } from '../cgroup.ts';
import { readMounts, readOwnCgroups } from '../mounts.ts';
import { ownPlace } from '../placement.ts';

/** The way into a hierarchy for a process that has one thread: v1's tasks moves no more than that. */
export function doorOf(hierarchy: CgroupHierarchy, optional: boolean, visits: boolean): Door {
  const memory = hierarchy.controllers.includes('memory');
  const name = hierarchy.version === 1 ? 'tasks' : 'cgroup.procs';
  return {
    file: `${directoryOf(hierarchy)}/${name}`,
    memory,
    optional,
    back:
      memory && visits
        ? `${directoryOf({ ...hierarchy, path: ownPlaceIn(hierarchy) })}/${name}`
        : undefined,
  };
}

/** The runtime's own cgroup in a hierarchy, below its mountpoint. */
export function ownPlaceIn({ controllers, mountpoint }: CgroupHierarchy): string {
  const root = readMounts().find((mount) => mount.mountpoint === mountpoint)?.root ?? '/';
  const own = readOwnCgroups().find((one) => one.controllers[0] === controllers[0]);
  return ownPlace(root, own?.path ?? '/');
}

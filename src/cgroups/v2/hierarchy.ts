import { dirname } from 'node:path';
import type { CgroupHierarchy } from '../cgroup.ts';
import { readOwnCgroups, unifiedPath } from '../mounts.ts';
import { type PlaceRequest, pathBelow, requestedPath } from '../placement.ts';

/**
 * The container's place in the unified hierarchy. A relative path is beside the runtime's own
 * cgroup, not below it: the children of a cgroup with processes can have no controllers.
 */
export function findUnified(
  request: PlaceRequest,
  root: string,
  own = readOwnCgroups(),
): CgroupHierarchy {
  const beside = dirname(unifiedPath(own));
  const path = pathBelow(beside, requestedPath(request));
  return { controllers: [], version: 2, mountpoint: root, path };
}

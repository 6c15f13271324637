import type { Cgroup } from '../cgroup.ts';
import type { DirectoryCgroup } from '../directory-cgroup.ts';
import { SystemdCgroup } from './driver.ts';
import { type Placing, type SystemdRequest, systemdPlace } from './place.ts';

/*
 * What the other drivers know of this one. The bundle evaluates what is below when one of these is
 * called (tools/build/late-modules.ts): functions alone can be exported here.
 */

/** The place of a new container's scope; `directoriesAt` knows its cgroups, given their path. */
export function openScope(
  placing: Placing,
  request: SystemdRequest,
  directoriesAt: (path: string) => DirectoryCgroup,
): Cgroup {
  const { path, ...unit } = systemdPlace(placing, request);
  return new SystemdCgroup(directoriesAt(path), unit);
}

/** An existing container's scope; `user` is true for a unit of the user's manager. */
export function loadScope(directories: DirectoryCgroup, unit: string, user: boolean): Cgroup {
  return new SystemdCgroup(directories, { unit, user });
}

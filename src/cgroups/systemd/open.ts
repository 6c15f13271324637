import type { Cgroup } from '../cgroup.ts';
import type { DirectoryCgroup } from '../directory-cgroup.ts';
import { SystemdCgroup, type SystemdUnit } from './driver.ts';
import { type ScopeRequest, type SystemdRequest, systemdPlace } from './place.ts';

/** A new container's scope. `directoriesAt` gives the cgroups at the scope's path. */
export async function openScope(
  placing: ScopeRequest,
  request: SystemdRequest,
  directoriesAt: (path: string) => DirectoryCgroup,
): Promise<Cgroup> {
  const { path, ...unit } = await systemdPlace(placing, request);
  return new SystemdCgroup(directoriesAt(path), unit);
}

/** An existing container's scope. */
export function loadScope(directories: DirectoryCgroup, unit: SystemdUnit): Cgroup {
  return new SystemdCgroup(directories, unit);
}

import { dirname, isAbsolute } from 'node:path';
import { RuntimeError } from '../../errors/runtime-error.ts';
import {
  CGROUP_SUPER_MAGIC,
  CGROUP2_SUPER_MAGIC,
  fileSystemType,
} from '../../syscalls/files/statfs.ts';
import type { CgroupHierarchy } from '../cgroup.ts';
import { type CgroupMount, type OwnCgroup, readMounts, readOwnCgroups } from '../mounts.ts';
import { ownCgroupPath, type PlaceRequest, pathBelow, requestedPath } from '../placement.ts';

/** The controllers whose hierarchies a container joins, as in runc; memory last. */
const JOINED = [
  'cpuset',
  'devices',
  'cpu',
  'cpuacct',
  'pids',
  'blkio',
  'hugetlb',
  'net_cls',
  'net_prio',
  'perf_event',
  'freezer',
  'rdma',
  'name=systemd',
  'misc',
  'memory',
];

/** The machine's cgroups. A test passes those of another machine. */
export interface CgroupSystem {
  own: readonly OwnCgroup[];
  mounts(): CgroupMount[];
  /** See {@link fileSystemType}. */
  fileSystem(path: string): number | undefined;
}

const thisMachine = (): CgroupSystem => ({
  own: readOwnCgroups(),
  mounts: readMounts,
  fileSystem: fileSystemType,
});

/** The v1 hierarchies that a container joins, and the unified hierarchy in hybrid mode. */
export function findHierarchies(
  request: PlaceRequest,
  root: string,
  system: CgroupSystem = thisMachine(),
): CgroupHierarchy[] {
  const place = requestedPath(request);
  const found = hierarchiesWith(place, root, system);
  if (!found.some(({ controllers }) => controllers.includes('devices'))) {
    throw new RuntimeError('mountpoint for devices not found');
  }
  const unified = `${root}/unified`;
  if (system.fileSystem(unified) !== CGROUP2_SUPER_MAGIC) return found;
  // Hybrid mode: runc places a relative path below the unified root, not below its own cgroup.
  const path = pathBelow('/', place);
  return [{ controllers: [], version: 2, mountpoint: unified, path }, ...found];
}

/** The v1 hierarchies with the runtime's own cgroups, for a container that stays in these. */
export const ownHierarchies = (root: string): CgroupHierarchy[] =>
  hierarchiesWith('', root, thisMachine());

function hierarchiesWith(place: string, root: string, system: CgroupSystem): CgroupHierarchy[] {
  const joined = system.own
    .map(({ controllers, path }) => ({
      controllers: controllers.filter((name) => JOINED.includes(name)),
      path,
    }))
    .filter(({ controllers }) => controllers.length > 0)
    .sort((a, b) => rank(a) - rank(b));
  return (
    usualHierarchies(joined, root, place, system) ?? mountedHierarchies(joined, root, place, system)
  );
}

/** The position of a hierarchy's last controller in JOINED. */
const rank = ({ controllers }: OwnCgroup): number =>
  Math.max(...controllers.map((name) => JOINED.indexOf(name)));

/**
 * The hierarchies at the mountpoints that distributions use. This avoids reading mountinfo, which
 * is long on a host with many containers. Undefined when one is elsewhere, or when `place` is
 * relative.
 */
function usualHierarchies(
  joined: readonly OwnCgroup[],
  root: string,
  place: string,
  system: CgroupSystem,
): CgroupHierarchy[] | undefined {
  if (!isAbsolute(place)) return undefined;
  const found: CgroupHierarchy[] = [];
  for (const { controllers } of joined) {
    const name = controllers.join(',');
    const mountpoint = `${root}/${name.startsWith('name=') ? name.slice(5) : name}`;
    if (system.fileSystem(mountpoint) !== CGROUP_SUPER_MAGIC) return undefined;
    found.push({ controllers, version: 1, mountpoint, path: place });
  }
  return found;
}

function mountedHierarchies(
  joined: readonly OwnCgroup[],
  root: string,
  place: string,
  system: CgroupSystem,
): CgroupHierarchy[] {
  const mounts = system.mounts();
  return joined.flatMap(({ controllers, path }) => {
    const mount = findMount(mounts, controllers[0]!, root);
    if (mount === undefined) return [];
    const own = ownCgroupPath(mount.root, path);
    const { mountpoint } = mount;
    return [{ controllers, version: 1 as const, mountpoint, path: pathBelow(own, place) }];
  });
}

/** The controller's mount directly below `root`, or else its first mount. */
function findMount(
  mounts: CgroupMount[],
  controller: string,
  root: string,
): CgroupMount | undefined {
  const having = mounts.filter(
    ({ version, options }) => version === 1 && options.includes(controller),
  );
  return having.find(({ mountpoint }) => dirname(mountpoint) === root) ?? having[0];
}

import { CGROUP_ROOT } from '../config/host/cgroups.ts';
import { CGROUP2_SUPER_MAGIC, fileSystemType } from '../syscalls/files/statfs.ts';
import type { Cgroup, CgroupRecord } from './cgroup.ts';
import type { DirectoryCgroup } from './directory-cgroup.ts';
import { NoCgroup } from './no-cgroup.ts';
import type { PlaceRequest } from './placement.ts';
import type { BusCaller } from './systemd/bus.ts';
import { loadScope, openScope } from './systemd/open.ts';
import type { SystemdRequest } from './systemd/place.ts';
import { V1Cgroup } from './v1/driver.ts';
import { findHierarchies, ownHierarchies } from './v1/hierarchies.ts';
import { V2Cgroup } from './v2/driver.ts';
import { findUnified } from './v2/hierarchy.ts';

interface OpenCgroupOptions {
  /** linux.cgroupsPath. Absent or empty means the id below the runtime's own cgroup. */
  cgroupsPath?: string | undefined;
  id: string;
  /** Where cgroups are mounted. Default /sys/fs/cgroup. */
  root?: string;
  /** Permission errors are ignored when no cgroup or limit is asked for, as by runc. */
  rootless: boolean;
}

/** A new container's cgroup, at the place where runc would make it. Makes nothing yet. */
export function openCgroup(options: OpenCgroupOptions): DirectoryCgroup {
  const { cgroupsPath, id, rootless, root = CGROUP_ROOT } = options;
  const place: PlaceRequest = { cgroupsPath, id };
  const directoryOptions = { rootless, placeAsked: Boolean(cgroupsPath) };
  return isUnified(root)
    ? new V2Cgroup(findUnified(place, root), directoryOptions)
    : new V1Cgroup(findHierarchies(place, root), directoryOptions);
}

/** The same with --systemd-cgroup: `cgroupsPath` is slice:prefix:name, and systemd makes the cgroup. */
export function openSystemdCgroup(
  options: OpenCgroupOptions,
  systemd: SystemdRequest,
): Promise<Cgroup> {
  const { cgroupsPath, id, rootless, root = CGROUP_ROOT } = options;
  const place = { cgroupsPath, id, rootless, unified: isUnified(root) };
  return openScope(place, systemd, (path) => openCgroup({ ...options, cgroupsPath: path }));
}

/** Without a file system at `root` it is v1, whose driver finds mounts elsewhere in mountinfo. */
const isUnified = (root: string): boolean => fileSystemType(root) === CGROUP2_SUPER_MAGIC;

/** For a container without a cgroup of its own, which stays in the runtime's. */
export function openNoCgroup(): Cgroup {
  const isV2 = fileSystemType(CGROUP_ROOT) === CGROUP2_SUPER_MAGIC;
  return new NoCgroup(isV2 ? [] : ownHierarchies(CGROUP_ROOT));
}

/** The caller. An ordinary user's `environment` names the bus of systemd's user manager. */
interface CgroupCaller extends BusCaller {
  rootless: boolean;
}

/** An existing container's cgroup, as {@link Cgroup.serialize} recorded it. */
export function loadCgroup(
  record: CgroupRecord,
  { rootless, ...caller }: CgroupCaller = { rootless: false, environment: {} },
): Cgroup {
  const options = { rootless, placeAsked: false };
  const [first] = record.hierarchies;
  const v2 = record.hierarchies.length === 1 && first!.version === 2;
  const cgroup = v2 ? new V2Cgroup(first!, options) : new V1Cgroup(record.hierarchies, options);
  return record.unit ? loadScope(cgroup, { unit: record.unit, user: rootless, ...caller }) : cgroup;
}

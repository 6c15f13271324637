import { existsSync, statfsSync } from 'node:fs';
import { RuntimeError } from '../errors/runtime-error.ts';
import type { Cgroup, CgroupRecord } from './cgroup.ts';
import { V1Cgroup } from './v1/driver.ts';
import { findHierarchies } from './v1/hierarchies.ts';
import { V2Cgroup } from './v2/driver.ts';
import { findUnified } from './v2/hierarchy.ts';

/** linux/magic.h */
const CGROUP2_SUPER_MAGIC = 0x63677270;

export interface OpenCgroupOptions {
  /** linux.cgroupsPath; absent or empty is the id below the runtime's own cgroup. */
  cgroupsPath?: string | undefined;
  id: string;
  /** Where cgroups are mounted. Default /sys/fs/cgroup. */
  root?: string;
  /** Permission errors are forgiven where nothing was asked for, as by runc. */
  rootless: boolean;
  /** --systemd-cgroup: `cgroupsPath` is slice:prefix:name, and systemd makes the cgroup. */
  systemd: boolean;
}

/** The place of a new container's cgroup, where runc would have it; nothing is made yet. */
export function openCgroup(options: OpenCgroupOptions): Cgroup {
  const { cgroupsPath, rootless, systemd, root = '/sys/fs/cgroup' } = options;
  if (systemd) refuseSystemd();
  const placeAsked = Boolean(cgroupsPath);
  if (isUnified(root)) return new V2Cgroup(findUnified(options, root), { rootless, placeAsked });
  return new V1Cgroup(findHierarchies(options, root), { rootless, placeAsked });
}

/** An existing container's cgroup, as {@link Cgroup.serialize} recorded it. */
export function loadCgroup(record: CgroupRecord, { rootless } = { rootless: false }): Cgroup {
  if (record.driver === 'systemd') refuseSystemd();
  const options = { rootless, placeAsked: false };
  const [first] = record.hierarchies;
  const v2 = record.hierarchies.length === 1 && first!.version === 2;
  return v2 ? new V2Cgroup(first!, options) : new V1Cgroup(record.hierarchies, options);
}

function isUnified(root: string): boolean {
  try {
    return statfsSync(root).type === CGROUP2_SUPER_MAGIC;
  } catch {
    // Cgroups may be mounted elsewhere: mountinfo tells.
    return false;
  }
}

function refuseSystemd(): never {
  if (existsSync('/run/systemd/system')) {
    throw new RuntimeError('the systemd cgroup driver is not supported yet');
  }
  throw new RuntimeError('systemd not running on this host, cannot use systemd cgroups manager');
}

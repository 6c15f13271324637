import { CGROUP2_SUPER_MAGIC, fileSystemType } from '../../syscalls/statfs.ts';
import type { Spec } from '../types.ts';
import type { Report } from '../validate/report.ts';

/** Where every host has its cgroups mounted: file-hierarchy(7). */
export const CGROUP_ROOT = '/sys/fs/cgroup';

/** True when cgroup v2 is the only one on the host; false on hosts with both. */
export const onlyCgroup2 = (): boolean => fileSystemType(CGROUP_ROOT) === CGROUP2_SUPER_MAGIC;

/** `resources.unified` names files of cgroup v2. */
export function checkCgroups({ linux }: Spec, report: Report): void {
  const unified = linux?.resources?.unified ?? {};
  if (Object.keys(unified).length === 0 || onlyCgroup2()) return;
  const expected = 'no settings of cgroup v2, as the host uses cgroup v1: invalid configuration';
  report.add(unified, expected, 'linux', 'resources', 'unified');
}

import { statfsSync } from 'node:fs';
import type { Spec } from '../types.ts';
import type { Report } from '../validate/report.ts';

// include/uapi/linux/magic.h
const CGROUP2_SUPER_MAGIC = 0x63677270;

/** True when cgroup v2 is the only one on the host; false on hosts with both. */
export function onlyCgroup2(): boolean {
  try {
    return statfsSync('/sys/fs/cgroup').type === CGROUP2_SUPER_MAGIC;
  } catch {
    return false;
  }
}

/** `resources.unified` names files of cgroup v2. */
export function checkCgroups({ linux }: Spec, report: Report): void {
  const unified = linux?.resources?.unified ?? {};
  if (Object.keys(unified).length === 0 || onlyCgroup2()) return;
  const expected = 'no settings of cgroup v2, as the host uses cgroup v1: invalid configuration';
  report.add(unified, expected, 'linux', 'resources', 'unified');
}

import { CGROUP2_SUPER_MAGIC, fileSystemType } from '../../syscalls/files/statfs.ts';
import { DELEGATE_CGROUP, delegatedCgroup } from '../crun-annotations.ts';
import type { Spec } from '../types.ts';
import type { Report } from '../validate/checks/report.ts';

/** Where hosts mount their cgroups: file-hierarchy(7). */
export const CGROUP_ROOT = '/sys/fs/cgroup';

/** True when the host has only cgroup v2; false when it has both. */
export const onlyCgroup2 = (): boolean => fileSystemType(CGROUP_ROOT) === CGROUP2_SUPER_MAGIC;

/** `resources.unified` and a delegated cgroup need cgroup v2. */
export function checkCgroups(spec: Spec, report: Report): void {
  const below = delegatedCgroup(spec);
  if (below && !onlyCgroup2()) {
    const expected = 'none, as the host uses cgroup v1, of which nothing can be delegated';
    report.add(below, expected, 'annotations', DELEGATE_CGROUP);
  }
  const unified = spec.linux?.resources?.unified ?? {};
  if (Object.keys(unified).length === 0 || onlyCgroup2()) return;
  const expected = 'no settings of cgroup v2, as the host uses cgroup v1: invalid configuration';
  report.add(unified, expected, 'linux', 'resources', 'unified');
}

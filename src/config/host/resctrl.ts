import { existsSync, readFileSync } from 'node:fs';
import { fileSystemType, RDTGROUP_SUPER_MAGIC } from '../../syscalls/files/statfs.ts';
import { parseMountinfo } from '../../syscalls/mount/mountinfo.ts';
import type { Spec } from '../types.ts';
import type { Report } from '../validate/checks/report.ts';

const USUAL_PLACE = '/sys/fs/resctrl';

/** Where resctrl is mounted; undefined when it is not mounted. */
export function findResctrl(): string | undefined {
  const type = fileSystemType(USUAL_PLACE);
  // The kernel makes this directory if the hardware has resctrl.
  if (type === undefined) return undefined;
  if (type === RDTGROUP_SUPER_MAGIC) return USUAL_PLACE;
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  return mounts.find((mount) => mount.type === 'resctrl')?.mountpoint;
}

/** `linux.intelRdt` needs the hardware, the kernel and a mount. `find` is a parameter for tests. */
export function checkResctrl({ linux }: Spec, report: Report, find = findResctrl): void {
  const { intelRdt } = linux ?? {};
  if (!intelRdt) return;
  const root = find();
  if (!root) {
    const expected = 'no intelRdt, as the host has no resctrl, or none that is mounted';
    report.add(intelRdt, expected, 'linux', 'intelRdt');
    return;
  }
  const needs = { l3CacheSchema: 'L3', memBwSchema: 'MB' } as const;
  for (const [field, resource] of Object.entries(needs)) {
    const value = intelRdt[field as keyof typeof needs];
    if (!value || existsSync(`${root}/info/${resource}`)) continue;
    const expected = `no ${field}, as the host's resctrl has no ${resource}`;
    report.add(value, expected, 'linux', 'intelRdt', field);
  }
}

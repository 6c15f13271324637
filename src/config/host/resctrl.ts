import { existsSync, readFileSync, statfsSync } from 'node:fs';
import type { Spec } from '../types.ts';
import type { Report } from '../validate/report.ts';

// include/uapi/linux/magic.h
const RDTGROUP_SUPER_MAGIC = 0x7655821;
const USUAL_PLACE = '/sys/fs/resctrl';

/** Where resctrl is mounted; undefined where it is not. */
export function findResctrl(): string | undefined {
  try {
    if (statfsSync(USUAL_PLACE).type === RDTGROUP_SUPER_MAGIC) return USUAL_PLACE;
  } catch {
    // The kernel makes the directory wherever the hardware has it.
    return undefined;
  }
  const line = readFileSync('/proc/self/mountinfo', 'utf8').match(/^.* - resctrl .*$/m)?.[0];
  return line?.split(' ')[4];
}

/** `linux.intelRdt`, which takes hardware, a kernel and a mount. `root` is a parameter for tests. */
export function checkResctrl({ linux }: Spec, report: Report, root = findResctrl()): void {
  const { intelRdt } = linux ?? {};
  if (!intelRdt) return;
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

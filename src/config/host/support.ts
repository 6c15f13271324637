import { SUPPORT, type Support } from '../support.ts';
import type { Spec } from '../types.ts';
import type { Report } from '../validate/checks/report.ts';

const FIELDS = ['intelRdt', 'memoryPolicy', 'netDevices', 'seccomp'] as const;

/** Refuses fields that this davit does not support. `support` is a parameter for tests only. */
export function checkSupport(spec: Spec, report: Report, support: Support = SUPPORT): void {
  for (const field of FIELDS) {
    const value = spec.linux?.[field];
    if (value === undefined || support[field]) continue;
    report.add(value, `no ${field}: this davit does not support it`, 'linux', field);
  }
  if (!support.idmap) checkIdmap(spec, report);
}

function checkIdmap({ mounts = [] }: Spec, report: Report): void {
  for (const [index, { options = [], uidMappings = [] }] of mounts.entries()) {
    const place = options.findIndex((option) => option === 'idmap' || option === 'ridmap');
    const expected = 'no idmapped mount: this davit does not support it';
    if (place >= 0) report.add(options[place], expected, 'mounts', index, 'options', place);
    else if (uidMappings.length > 0) {
      report.add(uidMappings, expected, 'mounts', index, 'uidMappings');
    }
  }
}

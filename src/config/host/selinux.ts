import { existsSync } from 'node:fs';
import type { Spec } from '../types.ts';
import type { Report } from '../validate/checks/report.ts';

/** A process label needs a host that runs SELinux: selinux(8). */
export function checkSelinux({ process }: Spec, report: Report): void {
  const label = process?.selinuxLabel;
  if (!label || existsSync('/sys/fs/selinux/enforce')) return;
  report.add(label, 'no label, as the host does not run SELinux', 'process', 'selinuxLabel');
}

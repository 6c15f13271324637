import { existsSync } from 'node:fs';
import type { LinuxResources } from '../../config/types.ts';
import { writeField } from './controller.ts';

export const firstHugepageField = ({ hugepageLimits }: LinuxResources): string | undefined =>
  hugepageLimits?.length ? 'linux.resources.hugepageLimits' : undefined;

/** Limits page faults and, since Linux 5.7, reservations. `file` is the limit's name: `max`. */
export function applyHugepageLimits(dir: string, resources: LinuxResources, file: string): void {
  resources.hugepageLimits?.forEach(({ pageSize, limit }, index) => {
    const path = `linux.resources.hugepageLimits[${index}]`;
    writeField(path, dir, `hugetlb.${pageSize}.${file}`, limit);
    const reservations = `hugetlb.${pageSize}.rsvd.${file}`;
    if (existsSync(`${dir}/${reservations}`)) writeField(path, dir, reservations, limit);
  });
}

import { readdirSync } from 'node:fs';

/** The kernel's huge page sizes as the hugetlb files name them: `2MB`, `1GB`. */
export function hugepageSizes(): string[] {
  let names: string[];
  try {
    names = readdirSync('/sys/kernel/mm/hugepages');
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const match = /^hugepages-(\d+)kB$/.exec(name);
    return match ? [hugepageName(Number(match[1]))] : [];
  });
}

/** hugetlb_cgroup's mem_fmt (mm/hugetlb_cgroup.c). */
export function hugepageName(kB: number): string {
  if (kB >= 1 << 20) return `${kB >> 20}GB`;
  return kB >= 1 << 10 ? `${kB >> 10}MB` : `${kB}KB`;
}

import type { Controller } from '../limits/controller.ts';
import { applyHugepageLimits, asksHugepages } from '../limits/hugepage-limits.ts';

/** Documentation/admin-guide/cgroup-v2.rst, "HugeTLB Interface Files". */
export const hugetlb: Controller = {
  name: 'hugetlb',
  asks: asksHugepages,
  apply: (dir, resources) => applyHugepageLimits(dir, resources, 'max'),
};

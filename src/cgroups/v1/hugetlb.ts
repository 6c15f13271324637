import type { Controller } from '../limits/controller.ts';
import { applyHugepageLimits, asksHugepages } from '../limits/hugepage-limits.ts';

/** Documentation/admin-guide/cgroup-v1/hugetlb.rst. */
export const hugetlb: Controller = {
  name: 'hugetlb',
  asks: asksHugepages,
  apply: (dir, resources) => applyHugepageLimits(dir, resources, 'limit_in_bytes'),
};

import type { Controller } from '../limits/controller.ts';
import { applyHugepageLimits, firstHugepageField } from '../limits/hugepage-limits.ts';

/** Documentation/admin-guide/cgroup-v2.rst, "HugeTLB Interface Files". */
export const hugetlb: Controller = {
  name: 'hugetlb',
  firstSetField: firstHugepageField,
  apply: (dir, resources) => applyHugepageLimits(dir, resources, 'max'),
};

/** `linux.memoryPolicy.mode`: set_mempolicy(2). */
export const MEMORY_POLICY_MODES = [
  'MPOL_BIND',
  'MPOL_DEFAULT',
  'MPOL_INTERLEAVE',
  'MPOL_LOCAL',
  'MPOL_PREFERRED',
  'MPOL_PREFERRED_MANY',
  'MPOL_WEIGHTED_INTERLEAVE',
] as const;
export type MemoryPolicyMode = (typeof MEMORY_POLICY_MODES)[number];

/** `linux.memoryPolicy.flags`: set_mempolicy(2). */
export const MEMORY_POLICY_FLAGS = [
  'MPOL_F_NUMA_BALANCING',
  'MPOL_F_RELATIVE_NODES',
  'MPOL_F_STATIC_NODES',
] as const;
export type MemoryPolicyFlag = (typeof MEMORY_POLICY_FLAGS)[number];

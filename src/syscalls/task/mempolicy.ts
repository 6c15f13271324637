import type { MemoryPolicyFlag, MemoryPolicyMode } from '../../config/names/memory-policy.ts';
import { declareSyscall } from '../ffi/libc.ts';

/** linux/mempolicy.h. */
const MODES: Record<MemoryPolicyMode, number> = {
  MPOL_DEFAULT: 0,
  MPOL_PREFERRED: 1,
  MPOL_BIND: 2,
  MPOL_INTERLEAVE: 3,
  MPOL_LOCAL: 4,
  MPOL_PREFERRED_MANY: 5,
  MPOL_WEIGHTED_INTERLEAVE: 6,
};
const FLAGS: Record<MemoryPolicyFlag, number> = {
  MPOL_F_STATIC_NODES: 1 << 15,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_NUMA_BALANCING: 1 << 13,
};

const native = declareSyscall<[number, Uint8Array | null, number]>(
  'set_mempolicy',
  ['int64_t', 'void *', 'int64_t'],
  { changesProcess: (...args) => ({ syscall: 'set_mempolicy', arguments: args }) },
);

/** set_mempolicy(2); bit n of `nodes` is node n, `null` is no node. */
export function setMempolicy(
  mode: MemoryPolicyMode,
  flags: readonly MemoryPolicyFlag[],
  nodes: Uint8Array | null,
): void {
  const bits = flags.reduce((all, flag) => all | FLAGS[flag], MODES[mode]);
  // The kernel reads one bit less than the size that it is given.
  native(bits, nodes, nodes ? 8 * nodes.length + 1 : 0);
}

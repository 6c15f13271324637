import { parseCpuList } from '../cpu-list.ts';
import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from '../names/memory-policy.ts';
import type { MemoryPolicy } from '../types.ts';
import { list, object, oneOf, withRuncWords } from './checks/shape.ts';
import { cpuList } from './checks/text.ts';

/** `linux.memoryPolicy`: set_mempolicy(2). */
export const memoryPolicy = object<MemoryPolicy>(
  {
    required: { mode: withRuncWords('invalid memory policy mode', oneOf(MEMORY_POLICY_MODES)) },
    optional: {
      nodes: withRuncWords('invalid memory policy nodes', cpuList),
      flags: withRuncWords('invalid memory policy flag', list(oneOf(MEMORY_POLICY_FLAGS))),
    },
  },
  ({ mode, nodes, flags = [] }, report) => {
    const count = parseCpuList(nodes ?? '')?.length ?? 0;
    if (mode === 'MPOL_DEFAULT' || mode === 'MPOL_LOCAL') {
      if (count > 0) {
        const expected = `no nodes, as mode is ${mode}: mode requires 0 nodes but got ${count}`;
        report.add(nodes, expected, 'nodes');
      }
    } else if (mode !== 'MPOL_PREFERRED' && count === 0) {
      report.add(nodes, `at least one node, as mode is ${mode}`, 'nodes');
    }
    if (flags.includes('MPOL_F_STATIC_NODES') && flags.includes('MPOL_F_RELATIVE_NODES')) {
      report.add(flags, 'not both MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES', 'flags');
    }
  },
);

import type { ContainerUsage } from '../../operations/observe/usage.ts';
import { byteCount } from '../values/byte-count.ts';

/** The headings of {@link usageCells}. */
export const USAGE_HEADINGS: readonly string[] = ['ID', 'CPU', 'MEMORY', 'LIMIT', 'PIDS'];

/** The first cells of a container's line, in `stats` and in `top`. */
export const usageCells = ({ id, cpu, memory, pids }: ContainerUsage): string[] => [
  id,
  `${cpu.percent.toFixed(1)}%`,
  byteCount(memory.usage),
  memory.limit === null ? 'none' : byteCount(memory.limit),
  String(pids.current),
];

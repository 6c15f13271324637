import type { ContainerUsage } from '../../operations/observe/usage.ts';
import { byteCount } from '../values/byte-count.ts';
import { table } from './table.ts';
import { USAGE_HEADINGS, usageCells } from './usage-cells.ts';

/** An order of containers: the greatest use first, and ids by the alphabet. */
export type TopOrder = 'cpu' | 'memory' | 'io' | 'pids' | 'id';

export const TOP_ORDERS: readonly TopOrder[] = ['cpu', 'memory', 'io', 'pids', 'id'];

/** The column that each order sorts by. */
const COLUMNS: Readonly<Record<TopOrder, string>> = {
  cpu: 'CPU',
  memory: 'MEMORY',
  io: 'READ/s',
  pids: 'PIDS',
  id: 'ID',
};
const HEADINGS = [...USAGE_HEADINGS, 'READ/s', 'WRITTEN/s'];

/**
 * What containers use, one on each line, in the order given. The heading of that order has a star.
 */
export function topTable(usages: readonly ContainerUsage[], order: TopOrder): string {
  const headings = HEADINGS.map((name) => (name === COLUMNS[order] ? `${name}*` : name));
  return table([headings, ...usages.toSorted(comparison(order)).map(cells)]);
}

function comparison(order: TopOrder) {
  const used = USED[order];
  return (a: ContainerUsage, b: ContainerUsage): number =>
    (used ? used(b) - used(a) : 0) || (a.id < b.id ? -1 : 1);
}

const USED: Readonly<Partial<Record<TopOrder, (usage: ContainerUsage) => number>>> = {
  cpu: ({ cpu }) => cpu.percent,
  memory: ({ memory }) => Number(memory.usage),
  io: ({ io }) => io.readPerSecond + io.writtenPerSecond,
  pids: ({ pids }) => Number(pids.current),
};

const cells = (usage: ContainerUsage): string[] => [
  ...usageCells(usage),
  byteCount(usage.io.readPerSecond),
  byteCount(usage.io.writtenPerSecond),
];

import { parseCpuList } from '../../config/cpu-list.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { property, type UnitProperty } from './property.ts';

/** AllowedCPUs or AllowedMemoryNodes for a list such as `0-3,7`. */
export const maskProperty = (name: string, list: string): UnitProperty =>
  property(name, 'ay', cpuMask(list));

/** A bit for each CPU, the first in the lowest bit of the first byte. */
export function cpuMask(list: string): number[] {
  const cpus = parseCpuList(list);
  if (cpus === undefined || cpus.length === 0) {
    throw new RuntimeError(`no list of CPUs or memory nodes: ${JSON.stringify(list)}`);
  }
  const mask = new Array<number>((cpus.at(-1)! >> 3) + 1).fill(0);
  for (const cpu of cpus) mask[cpu >> 3]! |= 1 << (cpu & 7);
  return mask;
}

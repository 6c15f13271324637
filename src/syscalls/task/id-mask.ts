import { parseCpuList } from '../../config/cpu-list.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';

/**
 * A list of CPUs or memory nodes, `0-3,7`, as the bit mask that sched_setaffinity(2) and
 * set_mempolicy(2) take: whole 64-bit words, bit n being id n. Throws when the list names no id.
 */
export function idMask(list: string): Uint8Array {
  const ids = parseCpuList(list) ?? [];
  const highest = ids.at(-1);
  if (highest === undefined) {
    throw new RuntimeError(`expected a list such as 0-3,7, found ${JSON.stringify(list)}`);
  }
  const mask = new Uint8Array(8 * (Math.floor(highest / 64) + 1));
  for (const id of ids) mask[id >> 3]! |= 1 << (id & 7);
  return mask;
}

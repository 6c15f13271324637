import type { Count } from '../../../cgroups/usage/stats.ts';

/** A count as protobuf's uint64. */
export const uint64 = (count: Count = 0): bigint => BigInt(count);

/** An object's counts as uint64; other properties are left out. */
export function counts<K extends string>(object: { [Key in K]?: unknown }): Record<K, bigint> {
  const numbers = Object.entries(object).filter(([, value]) =>
    ['number', 'bigint'].includes(typeof value),
  );
  return Object.fromEntries(
    numbers.map(([name, value]) => [name, uint64(value as Count)]),
  ) as Record<K, bigint>;
}

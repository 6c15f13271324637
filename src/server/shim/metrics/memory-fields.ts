import type { DescMessage } from '@bufbuild/protobuf';
import type { Count } from '../../../cgroups/usage/stats.ts';
import { uint64 } from './uint64.ts';

/**
 * The lines of memory.stat as fields of a message, which has the same names with more underscores:
 * `total_pgpgin` is `total_pg_pg_in`. Lines without a field are left out.
 */
export function memoryFields(
  { fields }: DescMessage,
  lines: Readonly<Record<string, Count>>,
): Record<string, bigint> {
  const names = new Map(fields.map(({ name, localName }) => [squeeze(name), localName]));
  return Object.fromEntries(
    Object.entries(lines).flatMap(([line, value]) => {
      const field = names.get(squeeze(line));
      return field === undefined ? [] : [[field, uint64(value)]];
    }),
  );
}

const squeeze = (name: string): string => name.replaceAll('_', '');

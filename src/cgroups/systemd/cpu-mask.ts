import { idMask } from '../../syscalls/task/id-mask.ts';
import { property, type UnitProperty } from './property.ts';

/** AllowedCPUs or AllowedMemoryNodes for a list such as `0-3,7`. */
export const maskProperty = (name: string, list: string): UnitProperty =>
  property(name, 'ay', shortest(idMask(list)));

/** systemd takes bytes, not words, up to the last byte with a bit set. */
const shortest = (mask: Uint8Array): number[] => [
  ...mask.subarray(0, mask.findLastIndex(Boolean) + 1),
];

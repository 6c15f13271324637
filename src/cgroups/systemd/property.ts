import type { Int64 } from '../../config/types.ts';
import { type DBusValue, type Variant, variant } from './dbus/values.ts';

/** A property of a unit, as org.freedesktop.systemd1(5) takes it: `MemoryMax`, uint64. */
export type UnitProperty = readonly [name: string, value: Variant];

export const property = (name: string, signature: string, value: DBusValue): UnitProperty => [
  name,
  variant(signature, value),
];

/** systemd's `infinity`. */
export const INFINITY = 2n ** 64n - 1n;

/** A 64-bit number. The spec's -1 for no limit becomes {@link INFINITY}. */
export const uint64 = (name: string, value: Int64): UnitProperty =>
  property(name, 't', BigInt.asUintN(64, BigInt(value)));

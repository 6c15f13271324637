import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';
import type { Variant } from './dbus/values.ts';
import { property, type UnitProperty } from './property.ts';
import { parseVariant } from './variant-text.ts';

const PREFIX = 'org.systemd.property.';

/** The unit properties in annotations: `org.systemd.property.TimeoutStopUSec: uint64 5000000`. */
export function annotatedProperties(
  annotations: Readonly<Record<string, string>> = {},
): UnitProperty[] {
  return Object.entries(annotations)
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, text]) =>
      atField(`annotations["${key}"]`, () => annotated(key.slice(PREFIX.length), text)),
    );
}

function annotated(name: string, text: string): UnitProperty {
  if (!/^[A-Za-z]{3,}$/.test(name)) {
    throw new RuntimeError(
      `invalid systemd property name ${JSON.stringify(name)}: at least three letters, and nothing else`,
    );
  }
  const { signature, value } = parseVariant(text);
  // Unit files have seconds (`TimeoutStopSec=`), D-Bus properties have microseconds.
  if (!/[a-z]Sec$/.test(name)) return property(name, signature, value);
  return property(name.replace(/Sec$/, 'USec'), 't', microseconds({ signature, value }));
}

function microseconds({ signature, value }: Variant): bigint {
  if (typeof value === 'bigint') return value * 1_000_000n;
  if (typeof value === 'number') return BigInt(Math.trunc(value * 1_000_000));
  throw new RuntimeError(`expected a number of seconds, found a value of D-Bus type ${signature}`);
}

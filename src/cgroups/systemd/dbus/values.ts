/**
 * A D-Bus value: a number (bigint for a 64-bit integer), a string, a boolean, a variant, an array,
 * or the fields of a struct or dict entry as an array.
 */
export type DBusValue = number | bigint | string | boolean | Variant | readonly DBusValue[];

/** A value with its type. */
export interface Variant {
  /** One complete type: `s`, `a(sv)`. */
  readonly signature: string;
  readonly value: DBusValue;
}

export const variant = (signature: string, value: DBusValue): Variant => ({ signature, value });

/** Alignment of values by the letter of their type: D-Bus specification, "Marshaling". */
const ALIGNMENTS: Readonly<Record<string, number>> = {
  ...{ y: 1, g: 1, v: 1, n: 2, q: 2, b: 4, i: 4, u: 4, h: 4, s: 4, o: 4, a: 4 },
  ...{ x: 8, t: 8, d: 8, '(': 8, '{': 8 },
};

export const alignmentOf = (type: string): number => {
  const alignment = ALIGNMENTS[type[0] ?? ''];
  if (alignment === undefined) throw new Error(`not a D-Bus type: ${JSON.stringify(type)}`);
  return alignment;
};

/** The complete types in a signature: `s`, `a{sv}` and `u` in `sa{sv}u`. */
export function splitSignature(signature: string): string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

/** Types of the fields of a struct or of a dict entry. */
export const fieldTypes = (type: string): string[] => splitSignature(type.slice(1, -1));

function endOfType(signature: string, begin: number): number {
  let at = begin;
  while (signature[at] === 'a') at++;
  if (signature[at] !== '(' && signature[at] !== '{') {
    alignmentOf(signature.slice(at));
    return at + 1;
  }
  let depth = 0;
  for (; at < signature.length; at++) {
    if ('({'.includes(signature[at]!)) depth++;
    if (')}'.includes(signature[at]!) && --depth === 0) return at + 1;
  }
  throw new Error(`not a D-Bus signature: ${JSON.stringify(signature)}`);
}

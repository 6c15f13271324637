/** One damage of a config.json: a value replaced by one of another kind. */
export interface Damage {
  /** The keys from the top to the value. */
  at: readonly (string | number)[];
  /** What stands there now, in words. */
  what: string;
  /** The whole configuration as text; JSON.stringify could not have written all of it. */
  text: string;
}

/** Replacements for a value, as JSON. */
export const VALUES: Readonly<Record<string, string>> = {
  null: 'null',
  true: 'true',
  zero: '0',
  'minus one': '-1',
  'a fraction': '1.5',
  'one more than 32 bits': '4294967296',
  'one more than 64 bits': '18446744073709551616',
  'the least of 64 bits, less one': '-9223372036854775809',
  'more than a double holds': '1e999',
  'an empty string': '""',
  'a number as a string': '"1"',
  'a path upwards': '"../../../etc"',
  'a NUL': '"a\\u0000b"',
  'a lone surrogate': '"\\ud800"',
  'the name of a property that objects have': '"constructor"',
  'a name of no member': '"SOMETHING_ELSE"',
  'an empty list': '[]',
  'a list of null': '[null]',
  'a list of lists': '[[[]]]',
  'an empty object': '{}',
  'an object with a prototype': '{"__proto__": {"path": "/"}, "constructor": 1}',
};

/** Very large replacements. */
export const LARGE_VALUES: typeof VALUES = {
  'a mebibyte': `"${'x'.repeat(2 ** 20)}"`,
  'a long list': `[${'0,'.repeat(200_000)}0]`,
  'a deep list': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  'a deep object with null': `${'{"a":'.repeat(20_000)}null${'}'.repeat(20_000)}`,
};

/**
 * Replaces every value of `spec` (or one in `every`) by each of `values`. Also leaves every value
 * out, and doubles every entry of lists.
 */
export function* damages(spec: object, values = VALUES, every = 1): Generator<Damage> {
  for (const [index, at] of places(spec).toArray().entries()) {
    if (index % every !== 0) continue;
    const [before, after] = JSON.stringify(replaced(spec, at, MARK)).split(`"${MARK}"`);
    for (const [what, json] of Object.entries(values)) {
      yield { at, what, text: `${before}${json}${after}` };
    }
    const value = at.reduce<unknown>((inner, key) => Reflect.get(inner as object, key), spec);
    const doubled = Array.isArray(value) ? [...value, ...value] : value;
    for (const [what, other] of Object.entries({
      nothing: undefined,
      'every entry twice': doubled,
    })) {
      const text = JSON.stringify(replaced(spec, at, other));
      if (text !== undefined) yield { at, what, text };
    }
  }
}

const MARK = '\uE000here\uE000';

/** Of a list, only the first two entries are damaged. */
function* places(value: unknown, at: (string | number)[] = []): Generator<(string | number)[]> {
  yield at;
  if (typeof value !== 'object' || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()].slice(0, 2) : Object.entries(value);
  for (const [key, item] of entries) yield* places(item, [...at, key]);
}

/** A copy of `value` with `other` at the place `at`. JSON leaves an `undefined` out. */
function replaced(value: unknown, [key, ...rest]: (string | number)[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  Reflect.set(copy, key, replaced(Reflect.get(value as object, key), rest, other));
  return copy;
}

import type { Place } from './place.ts';
import { isOlder } from './versions.ts';

/** Returns `value` with its type, or throws. */
export type Check<T> = (value: unknown, place: Place) => T;

interface Field {
  check: Check<unknown>;
  required: boolean;
  /** The first cdiVersion that has the field. */
  since?: string | undefined;
}

export const required = (check: Check<unknown>): Field => ({ check, required: true });
export const optional = (check: Check<unknown>, since?: string): Field => ({
  check,
  required: false,
  since,
});

/**
 * Checks an object with these fields and no others. In YAML, a field without a value counts as
 * absent.
 */
export const object =
  <T>(fields: { [K in keyof T]-?: Field }): Check<T> =>
  (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return place.refuse('an object', value);
    }
    const known = fields as Record<string, Field>;
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(known, key)) {
        place.at(key).refuse(`one of ${Object.keys(known).join(', ')}`, key);
      }
    }
    const checked: Record<string, unknown> = {};
    for (const [key, { check, required, since }] of Object.entries(known)) {
      const part = (value as Record<string, unknown>)[key] ?? undefined;
      if (part === undefined && !required) continue;
      const below = place.at(key);
      checked[key] = check(part, below);
      if (since) needsVersion(since, below);
    }
    return checked as T;
  };

export const list =
  <T>(of: Check<T>): Check<T[]> =>
  (value, place) => {
    if (!Array.isArray(value)) return place.refuse('a list', value);
    return value.map((entry, i) => of(entry, place.at(i)));
  };

export const text: Check<string> = (value, place) =>
  typeof value === 'string' && value !== '' ? value : place.refuse('a text', value);

export const boolean: Check<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : place.refuse('true or false', value);

export const matching =
  (pattern: RegExp, expected: string): Check<string> =>
  (value, place) =>
    typeof value === 'string' && pattern.test(value) ? value : place.refuse(expected, value);

export const absolutePath = matching(/^\//, 'an absolute path');

export const integer =
  (max: number): Check<number> =>
  (value, place) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max
      ? (value as number)
      : place.refuse(`a whole number from 0 to ${max}`, value);

export const uint32 = integer(4294967295);

export const texts: Check<Record<string, string>> = (value, place) => {
  if (typeof value !== 'object' || value === null)
    return place.refuse('an object of strings', value);
  for (const [key, part] of Object.entries(value)) {
    if (typeof part !== 'string') place.at(key).refuse('a text', part);
  }
  return value as Record<string, string>;
};

export function needsVersion(since: string, place: Place): void {
  if (isOlder(place.version, since)) {
    throw new Error(`${place}: needs cdiVersion ${since}, but this file has ${place.version}`);
  }
}

/** A type whose properties are readonly at any depth. */
export type ReadonlyDeep<T> = T extends object
  ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> }
  : T;

/** A copy of a JSON value, frozen at any depth. */
export function frozenCopy<T>(value: T): ReadonlyDeep<T> {
  if (typeof value !== 'object' || value === null) return value as ReadonlyDeep<T>;
  const copy = Array.isArray(value)
    ? value.map(frozenCopy)
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, frozenCopy(part)]));
  return Object.freeze(copy) as ReadonlyDeep<T>;
}

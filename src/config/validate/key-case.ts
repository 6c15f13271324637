import { isObject } from '../is-object.ts';
import type { Shape } from './checks/report.ts';

/**
 * Gives the keys of `value` the case that `shape` has. Callers were written against Go's
 * encoding/json, which takes `pagesize` for `pageSize`. A key stays unknown if the field exists as
 * well, or if several keys match it. Names that callers choose, such as names of annotations, are
 * not in a shape and stay.
 */
export function adoptKeys(value: unknown, shape: Shape): void {
  const { fields, item } = shape;
  if (item && (Array.isArray(value) || isObject(value))) {
    for (const part of Object.values(value)) adoptKeys(part, item);
  }
  if (!fields || !isObject(value)) return;
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(fields, key));
  if (unknown.length > 0) rename(value, unknown, Object.keys(fields));
  for (const key of Object.keys(value)) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field) adoptKeys(value[key], field);
  }
}

function rename(value: Record<string, unknown>, unknown: string[], names: string[]): void {
  for (const name of names) {
    if (Object.hasOwn(value, name)) continue;
    const [key, ...others] = unknown.filter((one) => one.toLowerCase() === name.toLowerCase());
    if (key === undefined || others.length > 0) continue;
    value[name] = value[key];
    delete value[key];
  }
}

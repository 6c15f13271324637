import { isObject } from '../../config/is-object.ts';
import { stringifyJson } from '../../config/json.ts';
import { PluginError } from '../call/plugin-error.ts';
import type { AdjustableField, Adjustments } from './adjustments.ts';
import { fields } from './fields.ts';

/**
 * Checks the names and keys that `adjust` returned. The values are checked later, as part of the
 * configuration.
 */
export function checkAdjustments(
  plugin: string,
  returned: unknown,
  claims: readonly AdjustableField[] | undefined,
): Adjustments | undefined {
  if (returned === undefined) return undefined;
  const refuse = (what: string): never => {
    throw new PluginError(plugin, `adjust returned ${what}`);
  };
  if (!isObject(returned)) return refuse(`${show(returned)}: expected an object of adjustments`);
  for (const [name, value] of Object.entries(returned)) {
    if (!Object.hasOwn(fields, name)) {
      refuse(`${name}: expected one of ${Object.keys(fields).join(', ')}`);
    }
    if (claims && !claims.includes(name as AdjustableField)) {
      refuse(`${name}, which is not among its claims: ${claims.join(', ')}`);
    }
    if (fields[name as AdjustableField].keyed) checkKeys(name, value, refuse);
    else if (value === undefined) refuse(`${name}: undefined: expected a value`);
  }
  return returned as Adjustments;
}

function checkKeys(name: string, value: unknown, refuse: (what: string) => never): void {
  if (!isObject(value)) {
    refuse(`${name}: ${show(value)}: expected an object`);
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    const where = `${name}[${JSON.stringify(key)}]`;
    if (part === undefined) refuse(`${where}: undefined: expected a value, or null to remove it`);
    if (name !== 'env') continue;
    if (key === '' || /[=\0]/.test(key)) refuse(`${where}: expected the name of a variable`);
    if (part !== null && typeof part !== 'string') {
      refuse(`${where}: ${show(part)}: expected a string, or null to remove it`);
    }
  }
}

function show(value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : stringifyJson(value);
  return (text ?? String(value)).slice(0, 80);
}

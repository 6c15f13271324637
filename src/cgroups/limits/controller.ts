import type { Int64, LinuxResources } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { writeFile } from '../files.ts';

/** The part of linux.resources that one cgroup controller takes. */
export interface Controller {
  /** As in /proc/cgroups (v1) or cgroup.controllers (v2). */
  readonly name: string;
  /** The config path of the first field set for this controller; undefined when none is set. */
  firstSetField(resources: LinuxResources): string | undefined;
  /** Writes the fields that are set to the cgroup's files. */
  apply(dir: string, resources: LinuxResources): void;
  /** Writes the values without which no process can enter the cgroup. */
  prepare?(dir: string, resources: LinuxResources): void;
}

/** True for a value that is set. In runc 0 means unset, except where 0 is a limit. */
export const isSet = (value: Int64 | undefined): value is Int64 =>
  value !== undefined && BigInt(value) !== 0n;

/** Writes one field's value; a failure names the field. */
export function writeField(
  configPath: string,
  dir: string,
  file: string,
  value: Int64 | string,
): void {
  atField(configPath, () => writeFile(dir, file, String(value)));
}

/** The config path of the first of `fields` that is set: `linux.resources.memory.limit`. */
export function firstSetPath<T extends object>(
  part: string,
  settings: T | undefined,
  fields: readonly (keyof T & string)[],
): string | undefined {
  if (settings === undefined) return undefined;
  const field = fields.find((name) => isLimit(settings[name]));
  return field === undefined ? undefined : `linux.resources.${part}.${field}`;
}

function isLimit(value: unknown): boolean {
  if (Array.isArray(value) || typeof value === 'string') return value.length > 0;
  if (typeof value === 'number' || typeof value === 'bigint') return isSet(value);
  return value !== undefined && value !== false;
}

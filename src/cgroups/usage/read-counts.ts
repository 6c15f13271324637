import { hasErrno } from '../../errors/syscall-error.ts';
import { readFile } from '../files.ts';
import type { Count } from './stats.ts';

/** A count as the kernel prints it. Kernel bugs make some negative for a moment: these become 0. */
export function parseCount(text: string): Count {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return Math.max(value, 0);
  return /^\d+$/.test(text) ? BigInt(text) : 0;
}

/** A file's text; undefined when the kernel or the cgroup lacks the file. */
export function readIfThere(dir: string, file: string): string | undefined {
  try {
    return readFile(dir, file);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP', 'ENOTSUP')) return undefined;
    throw error;
  }
}

/** A file of one number; undefined without the file. `max` becomes 2^64 - 1, as in runc. */
export function readCount(dir: string, file: string): Count | undefined {
  const text = readIfThere(dir, file)?.trim();
  if (text === undefined) return undefined;
  return text === 'max' ? NO_LIMIT : parseCount(text);
}

export const NO_LIMIT = 2n ** 64n - 1n;

/** A file of `key value` lines; empty without the file. */
export function readKeyed(dir: string, file: string): Record<string, Count> {
  const counts: Record<string, Count> = {};
  for (const line of readIfThere(dir, file)?.split('\n') ?? []) {
    const at = line.indexOf(' ');
    if (at > 0) counts[line.slice(0, at)] = parseCount(line.slice(at + 1).trim());
  }
  return counts;
}

/** T, where a property may be missing but is never null or undefined. */
type WithoutEmpty<T> = { [Key in keyof T]?: NonNullable<T[Key]> };

/** Drops what Go's `omitempty` drops: absent values, zeros, and empty lists. */
export function withoutEmpty<T extends object>(object: T): WithoutEmpty<T> {
  const kept = Object.entries(object).filter(([, value]) => {
    if (value === undefined || value === null) return false;
    if (typeof value === 'number' || typeof value === 'bigint') return Number(value) !== 0;
    return !Array.isArray(value) || value.length > 0;
  });
  return Object.fromEntries(kept) as WithoutEmpty<T>;
}

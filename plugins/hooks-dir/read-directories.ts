import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConditionalHook, readHook } from './read-hook.ts';

/**
 * The hooks of all directories, in the order of the lower-cased names of their files. If several
 * directories have a file of the same name, the last one counts. A missing directory has no hooks.
 */
export function readDirectories(directories: readonly string[]): ConditionalHook[] {
  const files = new Map<string, string>();
  for (const directory of directories) {
    for (const name of jsonFiles(directory)) files.set(name, join(directory, name));
  }
  return [...files]
    .map(([name, path]) => ({ name: name.toLowerCase(), path }))
    .sort((a, b) => byCodePoint(a.name, b.name))
    .map(({ path }) => read(path));
}

function jsonFiles(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function read(path: string): ConditionalHook {
  try {
    return readHook(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Compares as UTF-8, which sorts by code points. UTF-16 does not. */
const byCodePoint = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../../errors/syscall-error.ts';

/**
 * mkdir -p: makes a directory and its missing parents, each with `mode` less the umask. Returns the
 * topmost directory made, undefined when none was made. A failure removes the directories made.
 *
 * mkdirSync with `recursive: true` never returns when mkdir(2) fails with ENOENT although the
 * parent exists, as in /proc.
 */
export function makeDirectories(path: string, mode: number): string | undefined {
  const parent = dirname(path);
  try {
    return makeOne(path, mode) ? path : undefined;
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') || parent === path) throw error;
  }
  const top = makeDirectories(parent, mode);
  try {
    return makeOne(path, mode) ? (top ?? path) : top;
  } catch (error) {
    if (top !== undefined) removeEmpty(parent, top);
    throw error;
  }
}

/** Removes `leaf` and its parents up to `top`. Stops at one that is in use, not empty or gone. */
export function removeEmpty(leaf: string, top: string): void {
  try {
    for (let path = leaf; path.length >= top.length; path = dirname(path)) rmdirSync(path);
  } catch (error) {
    if (!hasErrno(error, 'EBUSY', 'ENOTEMPTY', 'ENOENT')) throw error;
  }
}

/** False when the directory exists already. */
function makeOne(path: string, mode: number): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') && isDirectory(path)) return false;
    throw error;
  }
}

export function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

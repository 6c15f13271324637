import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { failedWith } from '../../errors/syscall-error.ts';

/**
 * mkdir -p: makes a directory and those above it that are missing, each with `mode` less the umask.
 * Gives the topmost that it made, undefined where all were there. A failure leaves none behind.
 *
 * Node's own, `recursive: true`, never returns where mkdir(2) says ENOENT below a directory that is
 * there, as in /proc.
 */
export function makeDirectories(path: string, mode: number): string | undefined {
  const parent = dirname(path);
  try {
    return makeOne(path, mode) ? path : undefined;
  } catch (error) {
    if (!failedWith(error, 'ENOENT') || parent === path) throw error;
  }
  const top = makeDirectories(parent, mode);
  try {
    return makeOne(path, mode) ? (top ?? path) : top;
  } catch (error) {
    if (top !== undefined) removeEmpty(parent, top);
    throw error;
  }
}

/** Removes `leaf` and the directories above it up to `top`, as far as nobody else has come to use them. */
export function removeEmpty(leaf: string, top: string): void {
  try {
    for (let path = leaf; path.length >= top.length; path = dirname(path)) rmdirSync(path);
  } catch (error) {
    if (!failedWith(error, 'EBUSY', 'ENOTEMPTY', 'ENOENT')) throw error;
  }
}

/** False where the directory was there. */
function makeOne(path: string, mode: number): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    if (!failedWith(error, 'ENOENT') && isDirectory(path)) return false;
    throw error;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

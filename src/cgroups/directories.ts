import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { failedWith } from '../errors/syscall-error.ts';
import { fileError } from './files.ts';
import { waitSync } from './wait.ts';

/** Directories that a creation made, so that it can be taken back. */
export interface MadeDirectories {
  leaf: string;
  /** The topmost one that was not there before; undefined when all were. */
  top: string | undefined;
}

/** Makes a cgroup and those above it. */
export function makeDirectory(leaf: string): MadeDirectories {
  try {
    return { leaf, top: mkdirSync(leaf, { recursive: true, mode: 0o755 }) };
  } catch (error) {
    throw fileError(error, 'mkdir', `mkdir ${leaf}`);
  }
}

/** Removes what {@link makeDirectory} made, as far as nobody else has come to use it. */
export function unmakeDirectory({ leaf, top }: MadeDirectories): void {
  if (top === undefined) return;
  try {
    for (let dir = leaf; dir.length >= top.length; dir = dirname(dir)) rmdirSync(dir);
  } catch (error) {
    if (!failedWith(error, 'EBUSY', 'ENOTEMPTY', 'ENOENT')) throw error;
  }
}

/** Tries at a cgroup that is still busy: 1, 2, 4 … ms apart, about a second in all. */
const TRIES = 10;

/** Removes a cgroup and those below it, deepest first. One that is absent is no error. */
export function removeTree(dir: string): void {
  if (remove(dir) === undefined) return;
  const below = subdirectories(dir);
  if (below === undefined) return;
  for (const name of below) removeTree(`${dir}/${name}`);
  let failure: unknown;
  for (let tries = 0; tries <= TRIES; tries++) {
    failure = remove(dir);
    if (failure === undefined) return;
    if (!failedWith(failure, 'EBUSY')) break;
    if (tries < TRIES) waitSync(2 ** tries);
  }
  throw fileError(failure, 'rmdir', `rmdir ${dir}`);
}

/** The error, unless `dir` is gone now. */
function remove(dir: string): unknown {
  try {
    rmdirSync(dir);
    return undefined;
  } catch (error) {
    return failedWith(error, 'ENOENT') ? undefined : error;
  }
}

/** The cgroups in a cgroup; undefined when it is not there (a read-only mount says EROFS to rmdir first). */
export function subdirectories(dir: string): string[] | undefined {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENODEV')) return undefined;
    throw fileError(error, 'open', `open ${dir}`);
  }
}

import { rmdirSync } from 'node:fs';
import { failedWith } from '../errors/syscall-error.ts';
import { makeDirectories, removeEmpty } from '../syscalls/files/make-directories.ts';
import { sleepSync } from '../syscalls/time/sleep.ts';
import { cgroupsBelow } from './cgroups-below.ts';
import { fileError } from './files.ts';
import { subdirectories } from './subdirectories.ts';

/** Directories that a creation made, so that it can be taken back. */
export interface MadeDirectories {
  leaf: string;
  /** The topmost one that was not there before; undefined when all were. */
  top: string | undefined;
}

/** Makes a cgroup and those above it. */
export function makeDirectory(leaf: string): MadeDirectories {
  try {
    return { leaf, top: makeDirectories(leaf, 0o755) };
  } catch (error) {
    throw fileError(error, 'mkdir', `mkdir ${leaf}`);
  }
}

/** Removes what {@link makeDirectory} made, as far as nobody else has come to use it. */
export function unmakeDirectory({ leaf, top }: MadeDirectories): void {
  if (top !== undefined) removeEmpty(leaf, top);
}

/** Tries at cgroups that are still busy: 1, 2, 4 … ms apart, about a second in all. */
const TRIES = 10;

/** Removes cgroups and those below them, deepest first. One that is absent is no error. */
export function removeTrees(dirs: readonly string[]): void {
  let left = dirs.map((dir) => ({ dir, failure: removeTree(dir) }));
  for (let tries = 0; ; tries++) {
    left = left.filter(({ failure }) => failure !== undefined);
    const [first] = left;
    if (first === undefined) return;
    if (tries === TRIES || !left.every(({ failure }) => failedWith(failure, 'EBUSY'))) {
      throw fileError(first.failure, 'rmdir', `rmdir ${first.dir}`);
    }
    sleepSync(2 ** tries);
    left = left.map(({ dir }) => ({ dir, failure: removeTree(dir) }));
  }
}

/** The error, unless `dir` is gone now. */
function removeTree(dir: string): unknown {
  const failure = remove(dir);
  if (failure === undefined) return undefined;
  const below = subdirectories(dir);
  if (below === undefined) return undefined;
  if (below.length === 0) return failure;
  for (const cgroup of cgroupsBelow(dir)) remove(cgroup);
  return remove(dir);
}

function remove(dir: string): unknown {
  try {
    rmdirSync(dir);
    return undefined;
  } catch (error) {
    return failedWith(error, 'ENOENT') ? undefined : error;
  }
}

import { rmdirSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';
import { makeDirectories, removeEmpty } from '../syscalls/files/make-directories.ts';
import { sleepSync } from '../syscalls/time/sleep.ts';
import { cgroupsBelow } from './cgroups-below.ts';
import { fileError } from './files.ts';
import { subdirectories } from './subdirectories.ts';

/** Directories that {@link makeDirectory} made, for {@link unmakeDirectory}. */
export interface MadeDirectories {
  leaf: string;
  /** The topmost directory made; undefined when all existed. */
  top: string | undefined;
}

/** Makes a cgroup and its missing parents. */
export function makeDirectory(leaf: string): MadeDirectories {
  try {
    return { leaf, top: makeDirectories(leaf, 0o755) };
  } catch (error) {
    throw fileError(error, 'mkdir', `mkdir ${leaf}`);
  }
}

/** Removes the directories that {@link makeDirectory} made, except those in use by now. */
export function unmakeDirectory({ leaf, top }: MadeDirectories): void {
  if (top !== undefined) removeEmpty(leaf, top);
}

/** Retries for cgroups that are still busy: 1, 2, 4 … ms apart, about a second in all. */
const TRIES = 10;

/** Removes cgroups and all cgroups below them, deepest first. A missing cgroup is no error. */
export function removeTrees(dirs: readonly string[]): void {
  let left = dirs.map((dir) => ({ dir, failure: removeTree(dir) }));
  for (let tries = 0; ; tries++) {
    left = left.filter(({ failure }) => failure !== undefined);
    const [first] = left;
    if (first === undefined) return;
    if (tries === TRIES || !left.every(({ failure }) => hasErrno(failure, 'EBUSY'))) {
      throw fileError(first.failure, 'rmdir', `rmdir ${first.dir}`);
    }
    sleepSync(2 ** tries);
    left = left.map(({ dir }) => ({ dir, failure: removeTree(dir) }));
  }
}

/** Undefined when `dir` is gone, otherwise the error. */
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
    return hasErrno(error, 'ENOENT') ? undefined : error;
  }
}

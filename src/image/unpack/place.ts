import { closeSync, constants, lstatSync, rmSync, unlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { openInRoot, openParentInRoot } from '../../syscalls/files/path.ts';

/** A path below an open directory, which resolves no further symlink but its own last name. */
export interface Place extends Disposable {
  /** O_PATH fd of the directory. */
  directory: number;
  name: string;
  /** Both, as a path of /proc. */
  path: string;
}

/** Opens the directory that holds `path`. With `make`, missing directories are made (0755). */
export function openPlace(root: number, path: string, { make }: { make: boolean }): Place {
  const directory = make
    ? openParentInRoot(root, path).directory
    : openInRoot(root, posix.dirname(path), O_PATH | constants.O_DIRECTORY);
  const name = posix.basename(path);
  return {
    directory,
    name,
    path: `/proc/self/fd/${directory}/${name}`,
    [Symbol.dispose]: () => closeSync(directory),
  };
}

/** The relative path of an entry. Throws for one that leads out of the root file system. */
export function insidePath(name: string): string {
  if (name.includes('\0') || name.split('/').includes('..')) {
    throw new RuntimeError(
      `entry ${JSON.stringify(name)} leads out of the root file system`,
      'the image is hostile or damaged: do not use it',
    );
  }
  return posix.join('.', name).replace(/\/$/, '');
}

/** Removes what is at `place`, unless it is a directory that stays one. */
export function makeRoom(place: Place, { keepDirectory }: { keepDirectory: boolean }): boolean {
  const found = lstatSync(place.path, { throwIfNoEntry: false });
  if (!found) return false;
  if (found.isDirectory()) {
    if (keepDirectory) return true;
    rmSync(place.path, { recursive: true });
  } else unlinkSync(place.path);
  return false;
}

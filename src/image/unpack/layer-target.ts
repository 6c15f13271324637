import { closeSync, constants, lutimesSync, readdirSync, rmSync } from 'node:fs';
import { posix } from 'node:path';
import { hasErrno } from '../../errors/syscall-error.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { openInRoot } from '../../syscalls/files/path.ts';
import type { TarEntry } from '../tar/read-tar.ts';
import { makeNode } from './make-node.ts';
import { insidePath, openPlace, type Place } from './place.ts';
import type { UnpackContext } from './unpack-context.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/**
 * The root file system that a layer is unpacked into: OCI image-spec, layer.md. A name is resolved
 * inside of it once; then only fds are used.
 */
export class LayerTarget {
  readonly #context: UnpackContext;
  /** What this layer has made. Its whiteouts remove only what lower layers made. */
  readonly #own = new Set<string>();
  /** Directories get their times last: each file in them changes the time. */
  readonly #times = new Map<string, number>();

  constructor(context: UnpackContext) {
    this.#context = context;
  }

  async place(entry: TarEntry): Promise<void> {
    const path = insidePath(entry.name);
    const name = posix.basename(path);
    const directory = posix.dirname(path);
    if (name === OPAQUE) this.#clear(directory);
    // aufs kept its own files under such names.
    else if (path.split('/').some((part) => part.startsWith(WHITEOUT + WHITEOUT))) return;
    else if (name.startsWith(WHITEOUT)) {
      this.#removeLower(posix.join(directory, name.slice(WHITEOUT.length)));
    } else {
      await makeNode(this.#context, path, entry);
      this.#note(path);
      if (entry.type === 'directory') this.#times.set(path, entry.mtime);
    }
  }

  /** Sets the times of directories. */
  finish(): void {
    for (const [path, time] of this.#times) {
      try {
        using place = this.#open(path);
        lutimesSync(place.path, time, time);
      } catch (error) {
        // A later entry replaced it, or the path to it.
        if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error;
      }
    }
  }

  #note(path: string): void {
    for (let part = path; part !== '.' && !this.#own.has(part); part = posix.dirname(part)) {
      this.#own.add(part);
    }
  }

  /** Removes what lower layers have at `path`. */
  #removeLower(path: string): void {
    try {
      if (this.#own.has(path)) this.#clear(path);
      else this.#remove(path);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ENOTDIR')) throw error;
    }
  }

  #remove(path: string): void {
    using place = this.#open(path);
    rmSync(place.path, { recursive: true, force: true });
  }

  /** Removes what lower layers have in the directory `path`. */
  #clear(path: string): void {
    for (const name of this.#names(path)) this.#removeLower(posix.join(path, name));
  }

  #names(path: string): string[] {
    try {
      using fds = new DisposableStack();
      const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
      const fd = fds.adopt(openInRoot(this.#context.root, path, flags), closeSync);
      return readdirSync(`/proc/self/fd/${fd}`);
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    }
  }

  /** The place of `path`, whose last name is not followed. */
  #open(path: string): Place {
    return openPlace(this.#context.root, path, { make: false });
  }
}

import { closeSync, constants, fstatSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { syscallError } from '../syscalls/ffi/libc.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { O_PATH, openat, readlinkat } from '../syscalls/files/file.ts';
import { mountIdOf } from '../syscalls/mount/mount-id.ts';

const { O_NOFOLLOW, O_NONBLOCK } = constants;
const { EXDEV } = osConstants.errno;

/** The symlinks of a procfs that lead to the calling process or thread. */
const OWN = ['self', 'thread-self'];

/**
 * Opens `path` below a procfs as openat2(2) does with RESOLVE_BENEATH and RESOLVE_NO_XDEV, where
 * openat2(2) is refused. Opens name by name, and follows no symlink but one of {@link OWN} in
 * front. Each name must be in the mount of the procfs, if the kernel tells (Linux 5.8).
 */
export function walkBelow(procfs: number, path: string, flags: number): number {
  const walk = new Walk(procfs, path);
  try {
    const names = path.split('/');
    if (OWN.includes(names[0]!)) names.splice(0, 1, ...walk.readLink(names[0]!).split('/'));
    const last = names.pop()!;
    for (const name of names) walk.enter(name);
    return walk.open(last, flags);
  } finally {
    walk.close();
  }
}

class Walk {
  #directory: number;
  readonly #mount: bigint | undefined;
  readonly #path: string;

  constructor(procfs: number, path: string) {
    this.#directory = openat(procfs, '.', O_PATH);
    this.#mount = mountIdOf(procfs);
    this.#path = path;
  }

  readLink(name: string): string {
    using fds = new DisposableStack();
    const link = fds.adopt(this.#step(name, O_PATH), closeFd);
    return readlinkat(link, '');
  }

  enter(name: string): void {
    const next = this.#step(name, O_PATH);
    closeSync(this.#directory);
    this.#directory = next;
    if (fstatSync(next).isSymbolicLink()) throw this.#outside();
  }

  open(name: string, flags: number): number {
    // Checks the mount by an O_PATH fd first: to open a file mounted here might block or have
    // effects.
    closeSync(this.#step(name, O_PATH));
    return this.#step(name, flags | O_NONBLOCK);
  }

  close(): void {
    closeSync(this.#directory);
  }

  #step(name: string, flags: number): number {
    if (name === '..') throw this.#outside();
    const fd = openat(this.#directory, name, flags | O_NOFOLLOW);
    if (mountIdOf(fd) === this.#mount) return fd;
    closeSync(fd);
    throw this.#outside();
  }

  #outside(): Error {
    return syscallError(EXDEV, 'open', `open ${this.#path}`);
  }
}

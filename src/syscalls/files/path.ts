import { closeSync, constants, fstatSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { hasErrno, isRefused, type SyscallError } from '../../errors/syscall-error.ts';
import { syscallError } from '../ffi/libc.ts';
import { mkdirat, O_PATH, openat, readlinkat } from './file.ts';
import { openat2, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, tryOpenat2 } from './openat2.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW } = constants;
const { ENOENT } = osConstants.errno;
const ELOOP = 40;
// path_resolution(7): the kernel follows 40 symlinks at most.
const MAX_SYMLINKS = 40;
// openat2(2) fails with EAGAIN during a concurrent rename, and a container can rename all the time.
const MAX_ATTEMPTS = 128;

/**
 * Opens `path` as a process with the root `rootFd` would: `..` and absolute symlinks stay inside.
 * Magic links are refused (ELOOP). `flags` are open(2)'s; for O_CREAT there is createFileInRoot.
 */
export function openInRoot(rootFd: number, path: string, flags: number): number {
  for (let attempt = 1; ; attempt++) {
    try {
      return openat2(rootFd, path || '.', flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    } catch (error) {
      if (isRefused(error)) return walkInRoot(rootFd, path, flags);
      if (!hasErrno(error, 'EAGAIN') || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** {@link openInRoot} for a path that may not exist: undefined then. */
export function openInRootIfThere(rootFd: number, path: string, flags: number): number | undefined {
  const fd = tryOpenat2(rootFd, path || '.', flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (fd >= 0) return fd;
  if (fd === -ENOENT) return undefined;
  try {
    return openInRoot(rootFd, path, flags);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** {@link openInRoot} without openat2(2): resolves symlinks, then opens each name O_NOFOLLOW. */
export function walkInRoot(rootFd: number, path: string, flags: number): number {
  const keepLast = (flags & O_NOFOLLOW) !== 0;
  const names = resolveInRoot(rootFd, path, { keepLast });
  const last = names.pop();
  if (last === undefined) return openat(rootFd, '.', flags);
  const directory = walk(rootFd, names);
  try {
    return openat(directory, last, flags | O_NOFOLLOW);
  } finally {
    closeSync(directory);
  }
}

/**
 * Makes the directory `path` and its missing parents, and opens it O_PATH. Where a symlink on the
 * way dangles, its target is made, inside the root. Once the names are resolved no symlink is
 * followed: a name that is replaced by a symlink meanwhile is an error (ENOTDIR, ELOOP).
 */
export function mkdirAllInRoot(rootFd: number, path: string, mode: number): number {
  return mkdirInRoot(rootFd, path, mode) ?? walk(rootFd, resolveInRoot(rootFd, path), mode);
}

/** The usual case, in three calls: the parent exists and `path` does not. Otherwise undefined. */
function mkdirInRoot(rootFd: number, path: string, mode: number): number | undefined {
  const parent = openExistingParent(rootFd, path);
  if (!parent) return undefined;
  try {
    mkdirat(parent.directory, parent.name, mode);
    return openat(parent.directory, parent.name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
    refuseLoop(rootFd, path);
    return undefined;
  } finally {
    closeSync(parent.directory);
  }
}

/** Throws ELOOP for a magic link: {@link resolveInRoot} would take its text for a path. */
function refuseLoop(rootFd: number, path: string): void {
  try {
    closeSync(openInRoot(rootFd, path, O_PATH));
  } catch (error) {
    if (hasErrno(error, 'ELOOP')) throw error;
  }
}

interface Parent {
  /** O_PATH fd. */
  directory: number;
  name: string;
}

function openExistingParent(rootFd: number, path: string): Parent | undefined {
  const names = split(path);
  const name = names.pop();
  if (name === undefined || name === '..') return undefined;
  const directory = openInRootIfThere(rootFd, names.join('/'), O_PATH | O_DIRECTORY);
  return directory === undefined ? undefined : { directory, name };
}

/** Makes and opens an empty file, and missing parents (0755). EEXIST when `path` exists. */
export function createFileInRoot(rootFd: number, path: string, mode: number): number {
  // Where the last name is a dangling symlink, its target is made.
  const { directory, name } = openParentInRoot(rootFd, resolveInRoot(rootFd, path).join('/'));
  try {
    return openat(directory, name, O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  } finally {
    closeSync(directory);
  }
}

/** The directory that holds `path`, made (0755) if missing and opened O_PATH, and the last name. */
export function openParentInRoot(rootFd: number, path: string): Parent {
  const existing = openExistingParent(rootFd, path);
  if (existing) return existing;
  const names = resolveInRoot(rootFd, path, { keepLast: true });
  const name = names.pop();
  if (name === undefined) throw new Error(`${path} names the root itself`);
  return { directory: walk(rootFd, names, 0o755), name };
}

/**
 * The names that lead from the root to `path`, with every symlink resolved as it is now. A name
 * that does not exist is kept. With `keepLast` a symlink at the end is not resolved.
 */
export function resolveInRoot(
  rootFd: number,
  path: string,
  { keepLast = false }: { keepLast?: boolean } = {},
): string[] {
  const pending = split(path);
  const resolved: string[] = [];
  let symlinks = 0;
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === '..') {
      resolved.pop();
      continue;
    }
    const target =
      keepLast && pending.length === 0 ? undefined : linkTarget(rootFd, resolved, name);
    if (target === undefined) {
      resolved.push(name);
      continue;
    }
    if (++symlinks > MAX_SYMLINKS) throw syscallError(ELOOP, 'open', `open ${path}`);
    if (target.startsWith('/')) resolved.length = 0;
    pending.unshift(...split(target));
  }
  return resolved;
}

function split(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** The target of the symlink `name`; undefined when `name` is no symlink, or does not exist. */
function linkTarget(rootFd: number, directory: string[], name: string): string | undefined {
  let parent: number | undefined;
  try {
    parent = walk(rootFd, directory);
    return readLinkAt(parent, name);
  } catch (error) {
    // A symlink that cannot be read is there: /proc/self, for processes outside of the pid namespace.
    if (hasErrno(error, 'ENOENT') && (error as SyscallError).syscall !== 'readlinkat')
      return undefined;
    throw error;
  } finally {
    if (parent !== undefined) closeSync(parent);
  }
}

/** The target of the symlink `name` in `directory`; undefined when `name` is no symlink. */
export function readLinkAt(directory: number, name: string): string | undefined {
  const fd = openat(directory, name, O_PATH | O_NOFOLLOW);
  try {
    return fstatSync(fd).isSymbolicLink() ? readlinkat(fd, '') : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Opens directory after directory, follows no symlink. With `mode` makes missing directories. */
function walk(rootFd: number, names: readonly string[], mode?: number): number {
  let current = openat(rootFd, '.', O_PATH | O_DIRECTORY);
  for (const name of names) {
    try {
      const next = step(current, name, mode);
      closeSync(current);
      current = next;
    } catch (error) {
      closeSync(current);
      throw error;
    }
  }
  return current;
}

function step(directory: number, name: string, mode: number | undefined): number {
  const flags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
  try {
    return openat(directory, name, flags);
  } catch (error) {
    if (mode === undefined || !hasErrno(error, 'ENOENT')) throw error;
  }
  try {
    mkdirat(directory, name, mode);
  } catch (error) {
    // Another process may have made `name` since. The open below fails unless it is a directory.
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
  return openat(directory, name, flags);
}

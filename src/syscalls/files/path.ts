import { closeSync, constants, fstatSync } from 'node:fs';
import { failedWith, isRefused } from '../../errors/syscall-error.ts';
import { syscallError } from '../ffi/libc.ts';
import { mkdirat, O_PATH, openat, readlinkat } from './file.ts';
import { openat2, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from './openat2.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW } = constants;
const ELOOP = 40;
// path_resolution(7): the kernel follows 40 symlinks at most.
const MAX_SYMLINKS = 40;
// openat2(2) fails with EAGAIN when something is renamed meanwhile, which a container can do at will.
const MAX_ATTEMPTS = 128;

/**
 * Opens `path` as a process sees it whose root is `rootFd`: `..` and absolute symlinks stay inside,
 * magic links are refused (ELOOP). `flags` are open(2)'s; O_CREAT is createFileInRoot's.
 */
export function openInRoot(rootFd: number, path: string, flags: number): number {
  for (let attempt = 1; ; attempt++) {
    try {
      return openat2(rootFd, path || '.', flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    } catch (error) {
      if (isRefused(error)) return walkInRoot(rootFd, path, flags);
      if (!failedWith(error, 'EAGAIN') || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** {@link openInRoot} before Linux 5.6: symlinks resolved here, then an O_NOFOLLOW step each. */
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
 * Makes the directory `path` and what is missing above it, and opens it O_PATH. A dangling symlink
 * on the way gets its target made, inside the root. Nothing is followed after the names were
 * resolved: what is swapped for a symlink meanwhile is an error (ENOTDIR, ELOOP).
 */
export function mkdirAllInRoot(rootFd: number, path: string, mode: number): number {
  return mkdirInRoot(rootFd, path, mode) ?? walk(rootFd, resolveInRoot(rootFd, path), mode);
}

/** The usual case, in three calls: the parent is there and nothing has the name. Else undefined. */
function mkdirInRoot(rootFd: number, path: string, mode: number): number | undefined {
  const parent = openExistingParent(rootFd, path);
  if (!parent) return undefined;
  try {
    mkdirat(parent.directory, parent.name, mode);
    return openat(parent.directory, parent.name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (!failedWith(error, 'EEXIST')) throw error;
    refuseLoop(rootFd, path);
    return undefined;
  } finally {
    closeSync(parent.directory);
  }
}

/** ELOOP for a magic link, too, whose text {@link resolveInRoot} would take for a path of the root. */
function refuseLoop(rootFd: number, path: string): void {
  try {
    closeSync(openInRoot(rootFd, path, O_PATH));
  } catch (error) {
    if (failedWith(error, 'ELOOP')) throw error;
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
  try {
    return { directory: openInRoot(rootFd, names.join('/'), O_PATH | O_DIRECTORY), name };
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Makes and opens an empty file, and missing directories (0755) above it; EEXIST if it is there. */
export function createFileInRoot(rootFd: number, path: string, mode: number): number {
  // A dangling symlink at the end gets its target made, too.
  const { directory, name } = openParentInRoot(rootFd, resolveInRoot(rootFd, path).join('/'));
  try {
    return openat(directory, name, O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  } finally {
    closeSync(directory);
  }
}

/** The directory that `path` is in, made (0755) where missing and open O_PATH, and the last name. */
export function openParentInRoot(rootFd: number, path: string): Parent {
  const existing = openExistingParent(rootFd, path);
  if (existing) return existing;
  const names = resolveInRoot(rootFd, path, { keepLast: true });
  const name = names.pop();
  if (name === undefined) throw new Error(`${path} names the root itself`);
  return { directory: walk(rootFd, names, 0o755), name };
}

/**
 * The names that lead from the root to `path` with no symlink among them, as of now. Names that do
 * not exist stand for themselves. With `keepLast` a symlink at the end is not followed.
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

/** What the symlink `name` says; undefined when it is none, or is not there. */
function linkTarget(rootFd: number, directory: string[], name: string): string | undefined {
  let parent: number | undefined;
  try {
    parent = walk(rootFd, directory);
    return readLinkAt(parent, name);
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  } finally {
    if (parent !== undefined) closeSync(parent);
  }
}

/** What the symlink `name` in `directory` says; undefined when it is none. */
export function readLinkAt(directory: number, name: string): string | undefined {
  const fd = openat(directory, name, O_PATH | O_NOFOLLOW);
  try {
    return fstatSync(fd).isSymbolicLink() ? readlinkat(fd, '') : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Goes down directory by directory, follows no symlink and, given `mode`, makes what is missing. */
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
    if (mode === undefined || !failedWith(error, 'ENOENT')) throw error;
  }
  try {
    mkdirat(directory, name, mode);
  } catch (error) {
    // Somebody else may just have made it, as a directory or not: the open below looks.
    if (!failedWith(error, 'EEXIST')) throw error;
  }
  return openat(directory, name, flags);
}

import { mkdirSync } from 'node:fs';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { type MadeDirectories, unmakeDirectory } from '../directories.ts';
import { fileError, readValue, writeFile } from '../files.ts';
import { controllersOf } from './unified.ts';

/**
 * Makes a cgroup and its parents, and enables every controller of `root` all the way down.
 * `domainAsked`: a limit needs a controller that a threaded cgroup can't have (cgroups(7)).
 */
export function createUnified(root: string, path: string, domainAsked: boolean): void {
  const enable = controllersOf(root).map((name) => `+${name}`);
  let made: MadeDirectories | undefined;
  try {
    enableAll(root, enable);
    const names = path.split('/').filter(Boolean);
    let dir = root;
    names.forEach((name, index) => {
      dir += `/${name}`;
      if (makeOne(dir)) made = { leaf: dir, top: made?.top ?? dir };
      checkType(dir, domainAsked);
      if (index < names.length - 1) enableAll(dir, enable);
    });
  } catch (error) {
    if (made !== undefined) unmakeDirectory(made);
    throw error;
  }
}

/** False when the directory exists already. */
function makeOne(dir: string): boolean {
  try {
    mkdirSync(dir, { mode: 0o755 });
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw fileError(error, 'mkdir', `mkdir ${dir}`);
  }
}

function checkType(dir: string, domainAsked: boolean): void {
  const type = readValue(dir, 'cgroup.type');
  if (type === 'domain') return;
  const place = JSON.stringify(dir);
  if (type === 'domain invalid') {
    if (domainAsked) {
      throw new RuntimeError(
        `cannot enter cgroupv2 ${place} with domain controllers -- it is in an invalid state`,
      );
    }
    // The parent is threaded: a process can only enter if this cgroup is threaded as well.
    attempt(() => writeFile(dir, 'cgroup.type', 'threaded'));
  } else if (domainAsked) {
    throw new RuntimeError(
      `cannot enter cgroupv2 ${place} with domain controllers -- it is in ${type} mode`,
    );
  }
}

/** Failures are ignored here. apply() reports a missing controller if a limit needs it. */
function enableAll(dir: string, enable: readonly string[]): void {
  if (enable.length === 0) return;
  if (attempt(() => writeFile(dir, 'cgroup.subtree_control', enable.join(' ')))) return;
  for (const one of enable) attempt(() => writeFile(dir, 'cgroup.subtree_control', one));
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

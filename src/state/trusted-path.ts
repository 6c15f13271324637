import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { RuntimeError } from '../errors/runtime-error.ts';
import { inUserNamespace } from '../syscalls/task/user-namespace.ts';

/**
 * Resolves all symlinks in `path`. Throws if any part (a directory on the way, a symlink, the
 * target) is owned by, or writable for, a user other than root, the caller and `others` (uids):
 * that user could change what `path` leads to.
 */
export function trustedPath(path: string, ...others: number[]): string {
  const owners = new Set([0, process.geteuid!(), ...unmappedOwner(), ...others]);
  const rest = ['.', ...partsOf(resolve(path))];
  let here = '/';
  for (let links = 0; rest.length > 0; ) {
    const next = join(here, rest.shift()!);
    const stat = lstatSync(next);
    refuseForeign(path, next, stat, owners);
    if (!stat.isSymbolicLink()) {
      here = next;
      continue;
    }
    if (++links > MAX_LINKS) throw new RuntimeError(`${path}: too many symlinks`);
    const target = readlinkSync(next);
    rest.unshift(...partsOf(target));
    if (target.startsWith('/')) here = '/';
  }
  return here;
}

/** path_resolution(7). */
const MAX_LINKS = 40;

const partsOf = (path: string): string[] => path.split('/').filter(Boolean);

/** In a user namespace, unmapped users such as the host's root appear as the overflow uid. */
function unmappedOwner(): number[] {
  if (!inUserNamespace()) return [];
  return [Number(readFileSync('/proc/sys/kernel/overflowuid', 'latin1'))];
}

function refuseForeign(path: string, part: string, stat: Stats, owners: Set<number>): void {
  const which = part === path ? path : `${path}: ${part}`;
  if (!owners.has(stat.uid)) {
    throw new RuntimeError(
      `${which} belongs to uid ${stat.uid}`,
      `davit runs code from this path, so each part of it must belong to root or to you: chown ${part}`,
    );
  }
  if (mayOthersWrite(stat)) {
    throw new RuntimeError(
      `${which} is writable for users other than its owner`,
      `davit runs code from this path, so only the owner may write to it: chmod go-w ${part}`,
    );
  }
}

/**
 * Whether users other than the owner may change a file. False for a sticky directory (/tmp), where
 * they may change only their own files. A group with the owner's id is the owner's private group,
 * and not counted: pam_umask(8).
 */
export function mayOthersWrite(stat: Stats): boolean {
  if (stat.isSymbolicLink() || (stat.isDirectory() && (stat.mode & 0o1000) !== 0)) return false;
  const group = stat.gid === 0 || stat.gid === stat.uid ? 0 : 0o020;
  return (stat.mode & (group | 0o002)) !== 0;
}

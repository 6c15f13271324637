import { accessSync, constants } from 'node:fs';

interface Move {
  mountpoint: string;
  /** Paths of cgroups below the mountpoint. */
  from: string;
  to: string;
}

/**
 * True when davit may move processes in the unified hierarchy. A move needs write access to
 * cgroup.procs of the target and of the common ancestor: "Delegation Containment" in
 * admin-guide/cgroup-v2.rst.
 */
export const mayMove = ({ mountpoint, from, to }: Move): boolean =>
  [commonAncestor(from, to), to].every((place) =>
    isWritable(`${mountpoint}${place.replace(/\/$/, '')}/cgroup.procs`),
  );

/** `/a` for /a/b and /a/c/d. */
export function commonAncestor(one: string, other: string): string {
  const names = one.split('/');
  const others = other.split('/');
  const differing = names.findIndex((name, index) => name !== others[index]);
  return (differing === -1 ? names : names.slice(0, differing)).join('/') || '/';
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

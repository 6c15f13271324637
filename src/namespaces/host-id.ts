import { readFileSync } from 'node:fs';

/** What id of the caller's an id in the user namespace of a process is; undefined where it is not mapped. */
export function hostId(pid: number, kind: 'uid' | 'gid', id: number): number | undefined {
  for (const line of readFileSync(`/proc/${pid}/${kind}_map`, 'latin1').trim().split('\n')) {
    // user_namespaces(7)
    const [inside, outside, count] = line.trim().split(/\s+/).map(Number);
    if (id >= inside! && id < inside! + count!) return outside! + id - inside!;
  }
  return undefined;
}

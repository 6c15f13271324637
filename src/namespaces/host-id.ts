import { readFileSync } from 'node:fs';

/**
 * Converts an id in the user namespace of process `pid` to the id in the caller's; undefined where
 * it is not mapped.
 */
export function hostId(pid: number, kind: 'uid' | 'gid', id: number): number | undefined {
  for (const line of readFileSync(`/proc/${pid}/${kind}_map`, 'latin1').trim().split('\n')) {
    // user_namespaces(7)
    const [inside, outside, count] = line.trim().split(/\s+/).map(Number);
    if (id >= inside! && id < inside! + count!) return outside! + id - inside!;
  }
  return undefined;
}

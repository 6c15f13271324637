import { readFileSync } from 'node:fs';
import type { IDMapping } from '../config/types.ts';

/** The uid or gid map of a process, as the caller's user namespace sees it: user_namespaces(7). */
export function readIdMap(process: number | 'self', kind: 'uid' | 'gid'): IDMapping[] {
  const lines = readFileSync(`/proc/${process}/${kind}_map`, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [containerID = 0, hostID = 0, size = 0] = line.trim().split(/\s+/).map(Number);
    return { containerID, hostID, size };
  });
}

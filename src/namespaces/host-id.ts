import { readIdMap } from './read-id-map.ts';

/**
 * Converts an id in the user namespace of process `pid` to the id in the caller's; undefined where
 * it is not mapped.
 */
export function hostId(pid: number, kind: 'uid' | 'gid', id: number): number | undefined {
  const mapping = readIdMap(pid, kind).find(
    ({ containerID, size }) => id >= containerID && id < containerID + size,
  );
  return mapping && mapping.hostID + id - mapping.containerID;
}

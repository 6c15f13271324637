import type { IDMapping } from '../types.ts';
import type { Report } from './checks/report.ts';
import { integer, list, object, uint32 } from './checks/shape.ts';

const IDS = 2 ** 32;

const mapping = object<IDMapping>(
  { required: { containerID: uint32, hostID: uint32, size: integer(1, IDS - 1) } },
  ({ containerID, hostID, size }, report) => {
    const room = IDS - Math.max(containerID, hostID);
    if (size > room) report.add(size, `at most ${room}, as ids end at ${IDS - 1}`, 'size');
  },
);

/** `uidMappings` and `gidMappings`: uid_map's rules, user_namespaces(7). */
export const idMappings = list(mapping, (mappings: IDMapping[], report) => {
  // kernel/user_namespace.c: UID_GID_MAP_MAX_EXTENTS.
  if (mappings.length > 340) report.add(mappings.length, 'at most 340 mappings');
  checkOverlap(mappings, 'containerID', report);
  checkOverlap(mappings, 'hostID', report);
});

function checkOverlap(mappings: IDMapping[], side: 'containerID' | 'hostID', report: Report): void {
  const ordered = [...mappings.entries()].sort((a, b) => a[1][side] - b[1][side]);
  for (const [place, [index, current]] of ordered.entries()) {
    const previous = ordered[place - 1]?.[1];
    if (previous && previous[side] + previous.size > current[side]) {
      report.add(current[side], 'a range that no other mapping overlaps', index, side);
    }
  }
}

import { type Cgroup, directoryOf } from '../cgroup.ts';
import { readStatsV1 } from '../v1/stats.ts';
import { readStatsV2 } from '../v2/stats.ts';
import type { CgroupStats } from './stats.ts';

/** Reads a container's use of resources. The counts of a missing controller are absent. */
export function readStats(cgroup: Cgroup): CgroupStats {
  const [first] = cgroup.hierarchies;
  if (cgroup.hierarchies.length === 1 && first!.version === 2)
    return readStatsV2(directoryOf(first!));
  return readStatsV1((controller) => {
    const found = cgroup.hierarchies.find(({ controllers }) => controllers.includes(controller));
    return found && directoryOf(found);
  });
}

import { type Cgroup, type CgroupHierarchy, directoryOf } from '../cgroup.ts';
import { readCount, readKeyed } from './read-counts.ts';

/** The hierarchy with this controller; on a pure v2 host, the unified hierarchy. */
export function hierarchyWith(
  controller: string,
  { hierarchies }: Cgroup,
): CgroupHierarchy | undefined {
  const [first] = hierarchies;
  if (hierarchies.length === 1 && first!.version === 2) return first;
  return hierarchies.find(({ controllers }) => controllers.includes(controller));
}

/** True when the container has reached its memory limit, or a process was killed because of it. */
export function metMemoryLimit(cgroup: Cgroup | undefined): boolean {
  const memory = cgroup && hierarchyWith('memory', cgroup);
  if (!memory) return false;
  const dir = directoryOf(memory);
  if (memory.version === 2) return Number(readKeyed(dir, 'memory.events').oom ?? 0) > 0;
  const count = (file: string): number => Number(readCount(dir, file) ?? 0);
  const { oom_kill = 0 } = readKeyed(dir, 'memory.oom_control');
  return oom_kill > 0 || count('memory.max_usage_in_bytes') >= count('memory.limit_in_bytes');
}

/** True when a fork in the container failed because of the limit of pids. */
export function metPidsLimit(cgroup: Cgroup): boolean {
  const pids = hierarchyWith('pids', cgroup);
  return pids !== undefined && Number(readKeyed(directoryOf(pids), 'pids.events').max ?? 0) > 0;
}

import { readFileSync } from 'node:fs';
import { type CgroupHierarchy, type CgroupRecord, directoryOf } from '../cgroup.ts';
import { parseOwnCgroups, unifiedPath } from '../mounts.ts';
import { readIfThere } from '../usage/read-counts.ts';

/** Those that a cgroup may hand on and hold processes all the same: cgroup-v2.rst, Threads. */
const THREADED = ['cpu', 'cpuset', 'perf_event', 'pids'];

/**
 * Where in `record`'s cgroups a further process may be. A container that runs containers, or systemd,
 * hands controllers on to cgroups of its own, and then only those may hold processes (cgroup-v2.rst, No
 * Internal Process Constraint): there it is where init, process `initPid`, has gone, as with runc.
 */
export function cgroupOfInit(record: CgroupRecord, initPid: number): CgroupRecord {
  const hierarchies = record.hierarchies.map((hierarchy) => {
    if (hierarchy.version !== 2 || !handsOn(hierarchy)) return hierarchy;
    const path = unifiedPath(parseOwnCgroups(readFileSync(`/proc/${initPid}/cgroup`, 'utf8')));
    return path.startsWith(`${hierarchy.path}/`) ? { ...hierarchy, path } : hierarchy;
  });
  return { ...record, hierarchies };
}

function handsOn(hierarchy: CgroupHierarchy): boolean {
  const controllers = readIfThere(directoryOf(hierarchy), 'cgroup.subtree_control')?.match(/\w+/g);
  return controllers?.some((name) => !THREADED.includes(name)) ?? false;
}

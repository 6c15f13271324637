import { readFileSync } from 'node:fs';
import { hasNamespace } from '../../config/has-namespace.ts';
import type { Linux } from '../../config/types.ts';
import type { ContainerRecord } from '../../state/record.ts';
import {
  type CgroupAttachment,
  type CgroupHierarchy,
  type CgroupRecord,
  directoryOf,
} from '../cgroup.ts';
import { parseOwnCgroups, unifiedPath } from '../mounts.ts';
import { loadCgroup } from '../open.ts';
import type { BusCaller } from '../systemd/bus.ts';
import { readIfThere } from '../usage/read-counts.ts';

/** Controllers that a cgroup with processes may enable for its children: cgroup-v2.rst, Threads. */
const THREADED = ['cpu', 'cpuset', 'perf_event', 'pids'];

/**
 * The cgroups that a further process joins. A container that runs containers, or systemd, enables
 * controllers for child cgroups of its own. Its top cgroup may then hold no processes
 * (cgroup-v2.rst, No Internal Process Constraint), so the process joins the cgroup of init
 * (`initPid`), as in runc.
 */
function cgroupOfInit(record: CgroupRecord, initPid: number): CgroupRecord {
  const hierarchies = record.hierarchies.map((hierarchy) => {
    if (hierarchy.version !== 2 || !handsOn(hierarchy)) return hierarchy;
    const path = unifiedPath(parseOwnCgroups(readFileSync(`/proc/${initPid}/cgroup`, 'utf8')));
    return path.startsWith(`${hierarchy.path}/`) ? { ...hierarchy, path } : hierarchy;
  });
  return { ...record, hierarchies };
}

/** Opens {@link cgroupOfInit} for a process of `exec`. */
export function attachBesideInit(
  { cgroup, initPid, rootless = false }: ContainerRecord,
  linux: Linux | undefined,
  caller: BusCaller,
): CgroupAttachment | undefined {
  if (!cgroup) return undefined;
  const place = loadCgroup(cgroupOfInit(cgroup, initPid), { rootless, ...caller });
  // A cgroup namespace that belongs to the container's own user namespace can only be joined before
  // the clone.
  return place.openAttachment({ cloneInto: !hasNamespace(linux, 'user') });
}

function handsOn(hierarchy: CgroupHierarchy): boolean {
  const controllers = readIfThere(directoryOf(hierarchy), 'cgroup.subtree_control')?.match(/\w+/g);
  return controllers?.some((name) => !THREADED.includes(name)) ?? false;
}

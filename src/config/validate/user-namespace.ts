import { makesNamespace } from '../has-namespace.ts';
import type { IDMapping, Linux, Process, Spec } from '../types.ts';
import type { Report } from './checks/report.ts';

type Field = 'uidMappings' | 'gidMappings';

/** Mappings need a user namespace and the reverse. The process' ids must be mapped. */
export function checkUserNamespace({ linux, process }: Spec, report: Report): void {
  const user = linux?.namespaces?.find(({ type }) => type === 'user');
  // The stage validateConfig fills in missing mappings.
  if (lacksIdMappings(linux)) return;
  for (const field of ['uidMappings', 'gidMappings'] as const) {
    const mappings = linux?.[field] ?? [];
    if (!user && mappings.length > 0) {
      const expected = 'no mappings, or a user namespace in linux.namespaces';
      report.add(mappings, expected, 'linux', field);
    }
    // With a path, callers also give the mappings of the existing namespace.
    if (user && !user.path) checkMappings(field, mappings, report);
  }
  if (user && !user.path) checkProcess(linux!, process, report);
}

/** True for a new user namespace without any mapping. */
export function lacksIdMappings(linux: Linux | undefined): boolean {
  const { uidMappings = [], gidMappings = [] } = linux ?? {};
  return makesNamespace(linux, 'user') && uidMappings.length === 0 && gidMappings.length === 0;
}

function checkMappings(field: Field, mappings: IDMapping[], report: Report): void {
  if (mappings.length === 0) {
    report.add(undefined, 'at least one mapping, as there is a new user namespace', 'linux', field);
  } else if (!isMapped(0, mappings)) {
    report.add(mappings, 'a mapping of id 0: the mounts and devices belong to it', 'linux', field);
  }
}

function checkProcess(linux: Linux, process: Process | undefined, report: Report): void {
  const { uid = 0, gid = 0, additionalGids = [] } = process?.user ?? {};
  const check = (id: number, field: Field, ...at: (string | number)[]) => {
    const mappings = linux[field] ?? [];
    if (id === 0 || mappings.length === 0 || isMapped(id, mappings)) return;
    report.add(id, `an id that linux.${field} maps`, 'process', 'user', ...at);
  };
  check(uid, 'uidMappings', 'uid');
  check(gid, 'gidMappings', 'gid');
  for (const [index, id] of additionalGids.entries()) {
    check(id, 'gidMappings', 'additionalGids', index);
  }
}

/** True when `id` exists in a user namespace with `mappings`. */
export function isMapped(id: number, mappings: IDMapping[]): boolean {
  return mappings.some(({ containerID, size }) => id >= containerID && id < containerID + size);
}

import { posix } from 'node:path';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { CgroupHierarchy, CgroupRecord } from '../cgroup.ts';

/**
 * The cgroups that `exec --cgroup` names below the container's: `path` for every hierarchy, or
 * `controller[,controller]:path` for some. They must exist.
 */
export function subCgroups(record: CgroupRecord, values: readonly string[]): CgroupRecord {
  const below = parseSubCgroups(values);
  for (const controller of below.keys()) {
    if (controller !== '' && !record.hierarchies.some((h) => h.controllers.includes(controller))) {
      throw new RuntimeError(`unknown controller ${controller} in --cgroup`);
    }
  }
  return { ...record, hierarchies: record.hierarchies.map((h) => descend(h, below)) };
}

function descend(hierarchy: CgroupHierarchy, below: ReadonlyMap<string, string>): CgroupHierarchy {
  const controller = ['', ...hierarchy.controllers].find((name) => below.has(name));
  if (controller === undefined) return hierarchy;
  const path = posix.join(hierarchy.path, below.get(controller)!);
  if (path !== hierarchy.path && !path.startsWith(`${hierarchy.path}/`)) {
    throw new RuntimeError(`bad sub cgroup path: ${below.get(controller)}`);
  }
  return { ...hierarchy, path };
}

/** Controller to path. The controller '' stands for all. */
function parseSubCgroups(values: readonly string[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const value of values) {
    const [, controllers, path = ''] = /^(?:([^:]*):)?(.*)$/s.exec(value)!;
    if (controllers === undefined && values.length > 1) {
      throw new RuntimeError(`invalid --cgroup argument: ${value} (missing <controller>: prefix)`);
    }
    for (const controller of controllers?.split(',') ?? ['']) {
      if (controllers !== undefined && controller === '') {
        throw new RuntimeError(`invalid --cgroup argument: ${value} (empty <controller> prefix)`);
      }
      if (paths.has(controller)) {
        throw new RuntimeError(
          `invalid --cgroup argument(s): controller ${controller} specified multiple times`,
        );
      }
      paths.set(controller, path);
    }
  }
  return paths;
}

import type { RuntimeContext } from '../../lifecycle/context.ts';

/** Moves the process into the container's cgroup, or the one below it that --cgroup names. */
export function attachExecCgroup({ cgroup, init, execCgroups }: RuntimeContext): void {
  cgroup?.attachBelow(init!.pid, parseSubCgroups(execCgroups ?? []));
}

/** runc's `[controller[,controller]:]path`, as controller to path; '' is cgroup v2's only one. */
function parseSubCgroups(values: readonly string[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const value of values) {
    const [, controllers = '', path = ''] = /^(?:([^:]*):)?(.*)$/s.exec(value)!;
    if (!value.includes(':') && values.length > 1) {
      throw new Error(`invalid --cgroup argument: ${value} (missing <controller>: prefix)`);
    }
    for (const controller of controllers.split(',')) {
      if (value.includes(':') && controller === '') {
        throw new Error(`invalid --cgroup argument: ${value} (empty <controller> prefix)`);
      }
      if (paths.has(controller)) {
        throw new Error(
          `invalid --cgroup argument(s): controller ${controller} specified multiple times`,
        );
      }
      paths.set(controller, path);
    }
  }
  return paths;
}

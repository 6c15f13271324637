import { RuntimeError } from '../errors/runtime-error.ts';

/** runc's `--cgroup [controller[,controller]:]path`, as controller to path; '' is cgroup v2's only one. */
export function parseSubCgroups(values: readonly string[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const value of values) {
    const [, controllers, path = ''] = /^(?:([^:]*):)?(.*)$/s.exec(value)!;
    if (controllers === undefined && values.length > 1) {
      throw new RuntimeError(`invalid --cgroup argument: ${value} (missing <controller>: prefix)`);
    }
    for (const controller of (controllers ?? '').split(','))
      addPath(paths, value, controller, path);
  }
  return paths;
}

function addPath(
  paths: Map<string, string>,
  value: string,
  controller: string,
  path: string,
): void {
  if (controller === '' && value.includes(':')) {
    throw new RuntimeError(`invalid --cgroup argument: ${value} (empty <controller> prefix)`);
  }
  if (paths.has(controller)) {
    throw new RuntimeError(
      `invalid --cgroup argument(s): controller ${controller} specified multiple times`,
    );
  }
  paths.set(controller, path);
}

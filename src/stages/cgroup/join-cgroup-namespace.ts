import type { InitContext } from '../../lifecycle/context.ts';
import { CLONE_NEWCGROUP, setns } from '../../syscalls/task/namespaces.ts';

/** Enters init's cgroup namespace: from inside it CLONE_INTO_CGROUP could not see the way in. */
export function joinCgroupNamespace({ cgroupNamespace }: InitContext): void {
  setns(cgroupNamespace!, CLONE_NEWCGROUP);
}

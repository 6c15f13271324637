import type { InitContext } from '../../context/init-context.ts';
import { CLONE_NEWCGROUP, setns } from '../../syscalls/task/namespaces.ts';

/** Enters init's cgroup namespace, after the fork: inside it CLONE_INTO_CGROUP fails. */
export function joinCgroupNamespace({ cgroupNamespace }: InitContext): void {
  setns(cgroupNamespace!, CLONE_NEWCGROUP);
}

import type { InitContext } from '../../context/init-context.ts';
import { CLONE_NEWCGROUP, unshare } from '../../syscalls/task/namespaces.ts';

/** Makes a cgroup namespace, whose roots are the cgroups that init is in: cgroup_namespaces(7). */
export function enterCgroupNamespace({ attachment }: InitContext): void {
  const enter = (): void => {
    unshare(CLONE_NEWCGROUP);
  };
  if (attachment) attachment.runInsideCharging(enter);
  else enter();
}

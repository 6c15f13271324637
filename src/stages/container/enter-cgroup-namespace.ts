import type { InitContext } from '../../lifecycle/context.ts';
import { CLONE_NEWCGROUP, unshare } from '../../syscalls/namespaces.ts';

/** Makes a cgroup namespace; its root is the cgroup that init is in, in every hierarchy (cgroup_namespaces(7)). */
export function enterCgroupNamespace({ attachment }: InitContext): void {
  const enter = (): void => {
    unshare(CLONE_NEWCGROUP);
  };
  if (attachment) attachment.visitCharged(enter);
  else enter();
}

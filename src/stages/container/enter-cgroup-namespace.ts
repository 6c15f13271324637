import { CLONE_NEWCGROUP, unshare } from '../../syscalls/namespaces.ts';

/** Makes a cgroup namespace whose root is the container's cgroup, which init is in by now (cgroup_namespaces(7)). */
export function enterCgroupNamespace(): void {
  unshare(CLONE_NEWCGROUP);
}

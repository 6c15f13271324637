import { makesNamespace } from '../../config/has-namespace.ts';
import type { Linux, Mount, Spec } from '../../config/types.ts';

/**
 * The host's uid that gets to own the container's cgroup, as in runc: the program's user, if the
 * program sees only its own cgroup and may write to it. A systemd in the container needs that.
 */
export function cgroupOwner({ linux, mounts = [], process }: Spec): number | undefined {
  if (!makesNamespace(linux, 'cgroup') || !mounts.some(isWritableCgroup)) return undefined;
  return hostUid(linux, process?.user?.uid ?? 0);
}

/** The host's uid for a uid of the container; undefined when the user namespace does not map it. */
export function hostUid(linux: Linux | undefined, uid: number): number | undefined {
  if (!makesNamespace(linux, 'user')) return uid;
  const mapping = linux?.uidMappings?.find(
    ({ containerID, size }) => uid >= containerID && uid < containerID + size,
  );
  return mapping && mapping.hostID + uid - mapping.containerID;
}

const isWritableCgroup = ({ type, destination, options }: Mount): boolean =>
  (type === 'cgroup' || type === 'cgroup2') &&
  destination.replace(/\/+$/, '') === '/sys/fs/cgroup' &&
  !options?.includes('ro');

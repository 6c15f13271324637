import { makesNamespace } from '../../config/has-namespace.ts';
import type { Linux, Mount, Spec } from '../../config/types.ts';

/**
 * The uid, on the host, that a container's cgroup is given to, as by runc: who the program runs as,
 * where it sees its cgroup alone, and may write to it. A systemd in there needs that.
 */
export function cgroupOwner({ linux, mounts = [], process }: Spec): number | undefined {
  if (!makesNamespace(linux, 'cgroup') || !mounts.some(isWritableCgroup)) return undefined;
  return hostUid(linux, process?.user?.uid ?? 0);
}

/** What the host calls a uid of the container; undefined where its user namespace does not map it. */
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

import type { NamespaceType } from '../config/names/namespace-types.ts';

/** By the namespace's type, its file in /proc/PID/ns (namespaces(7)). */
export const NAMESPACE_FILES: Record<NamespaceType, string> = {
  user: 'user',
  mount: 'mnt',
  uts: 'uts',
  ipc: 'ipc',
  network: 'net',
  pid: 'pid',
  cgroup: 'cgroup',
  time: 'time',
};

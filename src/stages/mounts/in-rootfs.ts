import { normalize } from 'node:path';

/**
 * A mount's destination as a path in the container. Some callers give the host's path, below the
 * rootfs: as in runc, the rootfs prefix is removed.
 */
export function inRootfs(rootfs: string, destination: string): string {
  const path = normalize(`/${destination}`);
  if (rootfs === '/' || !path.startsWith(`${rootfs}/`)) return destination;
  return path.slice(rootfs.length);
}

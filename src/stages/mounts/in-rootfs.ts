import { normalize } from 'node:path';

/**
 * A mount's destination as a path in the container. Some callers give the host's path to it, in the
 * rootfs: as in runc, what leads there is left out.
 */
export function inRootfs(rootfs: string, destination: string): string {
  const path = normalize(`/${destination}`);
  if (rootfs === '/' || !path.startsWith(`${rootfs}/`)) return destination;
  return path.slice(rootfs.length);
}

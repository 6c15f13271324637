import type { Mount, Spec } from '../../config/types.ts';
import { replaceByKey } from './replace-by-key.ts';

/**
 * Sets `mounts` by their destinations. A new mount goes before the mounts below it, which it would
 * hide.
 */
export function setMounts(spec: Spec, value: Record<string, Omit<Mount, 'destination'> | null>) {
  const there = new Set((spec.mounts ?? []).map(({ destination }) => destination));
  replaceByKey(spec, 'mounts', value, {
    key: (mount: Mount) => mount.destination,
    make: (destination, rest) => ({ destination, ...(rest as object) }),
  });
  const mounts = spec.mounts!;
  const added = mounts.splice(
    mounts.findLastIndex(({ destination }) => there.has(destination)) + 1,
  );
  for (const mount of added) {
    const hidden = mounts.findIndex(({ destination }) => isBelow(destination, mount.destination));
    mounts.splice(hidden < 0 ? mounts.length : hidden, 0, mount);
  }
}

const isBelow = (path: string, directory: string): boolean =>
  path.startsWith(directory.replace(/\/*$/, '/')) && path !== directory;

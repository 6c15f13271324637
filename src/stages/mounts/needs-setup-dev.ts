import { posix } from 'node:path';
import { parseMountOptions } from '../../config/mounts/mount-options.ts';
import type { Spec } from '../../config/types.ts';
import { MS_BIND } from '../../syscalls/mount/mount.ts';

/** True for the path `/dev`, however it is spelled. */
export const isDev = (destination: string): boolean => posix.join('/', destination, '.') === '/dev';

/** False when the bundle brings its own /dev by a bind mount: nothing is made in there. */
export function needsSetupDev(spec: Spec): boolean {
  return !(spec.mounts ?? []).some(
    ({ destination, options }) =>
      isDev(destination) && (parseMountOptions(options).flags & MS_BIND) !== 0,
  );
}

import { isAbsolute, join, normalize, relative } from 'node:path';

export interface PlaceRequest {
  /** linux.cgroupsPath. */
  cgroupsPath?: string | undefined;
  id: string;
}

/**
 * The place asked for: absolute when below the hierarchy's mountpoint, relative when below the
 * runtime's own cgroup (an absent path is the id, relative). `..` does not lead out of either.
 */
export function askedPlace({ cgroupsPath, id }: PlaceRequest): string {
  const path = cgroupsPath || id;
  const cleaned = stripSlash(normalize(`/${path}`));
  return isAbsolute(path) ? cleaned : cleaned.slice(1);
}

/** `place` in a hierarchy where the runtime's own cgroup, below the mountpoint, is `own`. */
export const placeUnder = (own: string, place: string): string =>
  isAbsolute(place) ? place : stripSlash(join('/', own, place));

/**
 * The runtime's own cgroup below the mountpoint: /proc/self/cgroup counts from the hierarchy's
 * root, of which a container may have only a part mounted (`mountRoot`).
 */
export function ownPlace(mountRoot: string, ownPath: string): string {
  const below = relative(mountRoot, ownPath);
  return below === '' || below.startsWith('..') ? '/' : `/${below}`;
}

const stripSlash = (path: string): string =>
  path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;

import { isAbsolute, join, normalize, relative } from 'node:path';

export interface PlaceRequest {
  /** linux.cgroupsPath. */
  cgroupsPath?: string | undefined;
  id: string;
}

/**
 * The container's place: an absolute path is below the hierarchy's mountpoint, a relative one below
 * the runtime's own cgroup. Without a cgroupsPath it is the id. `..` does not lead out of either.
 */
export function requestedPath({ cgroupsPath, id }: PlaceRequest): string {
  const path = cgroupsPath || id;
  const cleaned = stripSlash(normalize(`/${path}`));
  return isAbsolute(path) ? cleaned : cleaned.slice(1);
}

/** `place` as a path below the mountpoint; `own` is the runtime's own cgroup there. */
export const pathBelow = (own: string, place: string): string =>
  isAbsolute(place) ? place : stripSlash(join('/', own, place));

/**
 * The runtime's own cgroup as a path below the mountpoint. /proc/self/cgroup gives the path from
 * the hierarchy's root, but in a container the mount may begin at a cgroup below it (`mountRoot`).
 */
export function ownCgroupPath(mountRoot: string, ownPath: string): string {
  const below = relative(mountRoot, ownPath);
  return below === '' || below.startsWith('..') ? '/' : `/${below}`;
}

const stripSlash = (path: string): string =>
  path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;

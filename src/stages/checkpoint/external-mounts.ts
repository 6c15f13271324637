import { constants, fstatSync, openSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { type Cgroup, type CgroupHierarchy, directoryOf } from '../../cgroups/cgroup.ts';
import { hasNamespace } from '../../config/has-namespace.ts';
import { isBindMount } from '../../config/mounts/is-bind-mount.ts';
import type { Spec } from '../../config/types.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { openInRoot, resolveInRoot } from '../../syscalls/files/path.ts';
import { deviceList } from '../devices/device-list.ts';
import { inRootfs } from '../mounts/in-rootfs.ts';
import { readMount } from '../mounts/request.ts';

/** A mount in the container whose contents are the host's: criu neither saves nor makes them. */
export interface ExternalMount {
  /** Path of the mount point in the container. */
  mountpoint: string;
  /** Path on the host. */
  source: string;
}

/** What determines the mounts of a container. */
interface MountedContainer {
  spec: Spec;
  bundle: string;
  rootfs: string;
  cgroup: Cgroup | undefined;
}

/** Bind mounts, hierarchies of cgroup v1 that are not mounted anew, and devices that are bound. */
export function externalMounts(container: MountedContainer): ExternalMount[] {
  const { spec, bundle, rootfs, cgroup } = container;
  using fds = new DisposableStack();
  const root = fds.adopt(openSync(rootfs, O_PATH | constants.O_DIRECTORY), closeFd);
  const inside = (path: string): string =>
    posix.join('/', ...resolveInRoot(root, inRootfs(rootfs, path)));
  const mounts = (spec.mounts ?? []).flatMap((mount) => {
    const { source, destination } = readMount(mount, bundle);
    if (isBindMount(mount)) return [{ mountpoint: inside(destination), source }];
    if (mount.type !== 'cgroup' || hasNamespace(spec.linux, 'cgroup')) return [];
    return hierarchiesOf(cgroup).map((hierarchy) => ({
      mountpoint: posix.join(inside(destination), basename(hierarchy.mountpoint)),
      source: directoryOf(hierarchy),
    }));
  });
  // Only a container with a user namespace has devices by bind mounts; criu ignores the others.
  const devices = deviceList(spec).map(({ path }) => ({ mountpoint: path, source: path }));
  return [...mounts, ...devices];
}

const hierarchiesOf = (cgroup: Cgroup | undefined): CgroupHierarchy[] =>
  (cgroup?.allHierarchies ?? []).filter(({ version }) => version === 1);

/** What masks files: the name of these external mounts, and their source, as in runc. */
export const MASK = '/dev/null';

/** The files that linux.maskedPaths covers, as init sees them. Directories have a tmpfs. */
export function maskedFiles({ linux }: Spec, initPid: number): string[] {
  const paths = linux?.maskedPaths ?? [];
  if (paths.length === 0) return [];
  using fds = new DisposableStack();
  const directory = O_PATH | constants.O_DIRECTORY;
  const root = fds.adopt(openSync(`/proc/${initPid}/root`, directory), closeFd);
  return paths.filter((path) => isFile(root, path)).map((path) => posix.join('/', path, '.'));
}

function isFile(root: number, path: string): boolean {
  using fds = new DisposableStack();
  try {
    return !fstatSync(fds.adopt(openInRoot(root, path, O_PATH), closeFd)).isDirectory();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

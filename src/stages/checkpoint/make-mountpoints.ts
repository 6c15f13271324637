import { constants, openSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { isBindMount } from '../../config/mounts/is-bind-mount.ts';
import type { PreparedContext } from '../../context/context.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { createFileInRoot, mkdirAllInRoot, openInRoot } from '../../syscalls/files/path.ts';
import { inRootfs } from '../mounts/in-rootfs.ts';
import { type MountRequest, readMount } from '../mounts/request.ts';

type MountingContext = Pick<PreparedContext, 'spec' | 'rootfs' | 'bundle'>;

/**
 * Makes the mount points that init would make, in the rootfs or in the source of a bind mount: criu
 * expects them. What is below another file system comes back with its contents.
 */
export function makeMountpoints({ spec, rootfs, bundle }: MountingContext): void {
  const { mounts = [] } = spec;
  // criu moves the host's root there for a moment, and cannot make it in a read-only root.
  if (spec.root?.readonly) make(rootfs, 'tmp', false);
  const requests = mounts.map((mount) => {
    const request = readMount(mount, bundle);
    return { ...request, destination: posix.join('/', inRootfs(rootfs, request.destination)) };
  });
  for (const [i, request] of requests.entries()) {
    atField(`mounts[${i}]`, () => {
      const isFile = isBindMount(mounts[i]!) && !statSync(request.source).isDirectory();
      const above = requests.slice(0, i).findLast((other) => covers(other, request));
      if (!above) make(rootfs, request.destination, isFile);
      else if (above.type === 'bind') {
        make(above.source, request.destination.slice(above.destination.length), isFile);
      }
    });
  }
}

const covers = ({ destination: above }: MountRequest, { destination }: MountRequest): boolean =>
  above === '/' || destination.startsWith(`${above}/`);

function make(root: string, path: string, isFile: boolean): void {
  using fds = new DisposableStack();
  const rootFd = fds.adopt(openSync(root, O_PATH | constants.O_DIRECTORY), closeFd);
  try {
    fds.adopt(openInRoot(rootFd, path, O_PATH), closeFd);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    const made = isFile
      ? createFileInRoot(rootFd, path, 0o644)
      : mkdirAllInRoot(rootFd, path, 0o755);
    fds.adopt(made, closeFd);
  }
}

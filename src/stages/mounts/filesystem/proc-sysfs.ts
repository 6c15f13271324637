import { closeSync, constants, fstatSync } from 'node:fs';
import { posix } from 'node:path';
import type { InitContext } from '../../../context/init-context.ts';
import { hasErrno } from '../../../errors/syscall-error.ts';
import { closeFd } from '../../../syscalls/files/close-fd.ts';
import { O_PATH } from '../../../syscalls/files/file.ts';
import { mkdirAllInRoot, openInRoot } from '../../../syscalls/files/path.ts';
import { pathInRootfs } from '../mountpoint.ts';
import type { MountRequest } from '../request.ts';
import { checkProcMount } from './check-proc.ts';
import { mountKernelFilesystem } from './kernel-filesystem.ts';

/**
 * Mounts proc or sysfs, on an ordinary directory only: behind a symlink the mount would be
 * elsewhere, and the masked and read-only paths below /proc and /sys would not protect it.
 */
export function mountProcOrSysfs(ctx: InitContext, request: MountRequest): number {
  checkProcMount(posix.join('/', request.destination, '.'), request);
  using fds = new DisposableStack();
  const target = fds.adopt(openDirectory(ctx.rootfsFd, request), closeFd);
  checkProcMount(pathInRootfs(ctx, target), request);
  return mountKernelFilesystem(ctx, { ...request, label: undefined }, target);
}

function openDirectory(rootfsFd: number, { type, destination }: MountRequest): number {
  let fd: number;
  try {
    fd = openInRoot(rootfsFd, destination.replace(/\/+$/, ''), O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    return mkdirAllInRoot(rootfsFd, destination, 0o755);
  }
  if (fstatSync(fd).isDirectory()) return fd;
  closeSync(fd);
  throw new Error(`filesystem "${type}" must be mounted on ordinary directory`);
}

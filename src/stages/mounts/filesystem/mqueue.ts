import { closeSync, constants } from 'node:fs';
import type { InitContext } from '../../../context/init-context.ts';
import { closeFd } from '../../../syscalls/files/close-fd.ts';
import { fsetxattr, openat } from '../../../syscalls/files/file.ts';
import { openMountpoint } from '../mountpoint.ts';
import type { MountRequest } from '../request.ts';
import { mountKernelFilesystem } from './kernel-filesystem.ts';

/** Mounts mqueue, which takes no `context` option: its root is labelled afterwards. */
export function mountMqueue(ctx: InitContext, request: MountRequest): number {
  const target = openMountpoint(ctx, request, { file: false });
  try {
    const fd = mountKernelFilesystem(ctx, { ...request, label: undefined }, target.fd);
    if (request.label) labelRoot(fd, request.label);
    return fd;
  } finally {
    closeSync(target.fd);
  }
}

function labelRoot(mountFd: number, label: string): void {
  using fds = new DisposableStack();
  const fd = fds.adopt(openat(mountFd, '.', constants.O_RDONLY), closeFd);
  fsetxattr(fd, 'security.selinux', label);
}

import { constants } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { unlessRefused } from '../../errors/syscall-error.ts';
import { pathOfFd, readProcFile } from '../../rootfs/procfs.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { openInRoot } from '../../syscalls/files/path.ts';
import { mountSetattr } from '../../syscalls/mount/mount-api.ts';
import { parseMountinfo } from '../../syscalls/mount/mountinfo.ts';
import { flagsOfMount, mountAttributes, mountFlags, setMountFlags } from './attributes.ts';

/** MOUNT_ATTR_ bits. */
interface AttributeChange {
  set: number;
  clear: number;
}

/** Changes the mount that `fd` is the root of, in the rootfs, and all mounts below it. */
export const setAttributesBelow = (ctx: InitContext, fd: number, change: AttributeChange): void =>
  unlessRefused(
    () => mountSetattr(fd, change, true),
    () => setOneByOne(ctx, fd, change),
  );

function setOneByOne(ctx: InitContext, fd: number, change: AttributeChange): void {
  const { procfs, rootfsFd } = ctx;
  const top = pathOfFd(procfs, fd);
  const rootfs = pathOfFd(procfs, rootfsFd);
  setAttributes(procfs, fd, change);
  for (const { mountpoint } of parseMountinfo(readProcFile(procfs, 'self/mountinfo'))) {
    if (!mountpoint.startsWith(`${top}/`)) continue;
    const inside = mountpoint.slice(rootfs === '/' ? 0 : rootfs.length);
    using fds = new DisposableStack();
    const mount = fds.adopt(openInRoot(rootfsFd, inside, O_PATH | constants.O_NOFOLLOW), closeFd);
    setAttributes(procfs, mount, change);
  }
}

function setAttributes(procfs: number, fd: number, { set, clear }: AttributeChange): void {
  const before = flagsOfMount(fd);
  setMountFlags(procfs, fd, before, mountFlags((mountAttributes(before) & ~clear) | set));
}

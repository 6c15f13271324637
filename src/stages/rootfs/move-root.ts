import { readFileSync } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { hasErrno, unlessRefused } from '../../errors/syscall-error.ts';
import { openRoot } from '../../rootfs/open-root.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { fchdir } from '../../syscalls/files/root.ts';
import {
  MNT_DETACH,
  MS_MOVE,
  MS_REC,
  MS_SLAVE,
  mount,
  umount2,
} from '../../syscalls/mount/mount.ts';
import { moveMount } from '../../syscalls/mount/mount-api.ts';
import { parseMountinfo } from '../../syscalls/mount/mountinfo.ts';

/**
 * `--no-pivot`: moves the rootfs over "/", for a chroot. The host's mounts stay below it. With a
 * whole procfs or sysfs among them, the kernel would let the container mount another one, unmasked:
 * these are unmounted first, or covered.
 */
export function moveRoot({ rootfs, rootfsFd }: InitContext): void {
  const inRootfs = (path: string): boolean => path === rootfs || path.startsWith(`${rootfs}/`);
  for (const { type, root, mountpoint } of parseMountinfo(
    readFileSync('/proc/self/mountinfo', 'utf8'),
  )) {
    const whole = root === '/' && (type === 'proc' || type === 'sysfs');
    if (whole && !inRootfs(mountpoint)) takeAway(mountpoint);
  }
  unlessRefused(
    () => moveOnRoot(rootfsFd),
    () => moveOnRootByPath(rootfsFd),
  );
}

function moveOnRoot(rootfsFd: number): void {
  using fds = new DisposableStack();
  const oldRoot = fds.adopt(openRoot(), closeFd);
  moveMount(rootfsFd, oldRoot);
}

function moveOnRootByPath(rootfsFd: number): void {
  fchdir(rootfsFd);
  mount('.', '/', null, MS_MOVE, null);
}

function takeAway(mountpoint: string): void {
  try {
    mount(null, mountpoint, null, MS_SLAVE | MS_REC, null);
  } catch (error) {
    // Unmounted already, with the mount that it was on.
    if (hasErrno(error, 'ENOENT', 'EINVAL')) return;
    throw error;
  }
  try {
    umount2(mountpoint, MNT_DETACH);
  } catch (error) {
    if (!hasErrno(error, 'EINVAL', 'EPERM')) throw error;
    mount('tmpfs', mountpoint, 'tmpfs', 0, null);
  }
}

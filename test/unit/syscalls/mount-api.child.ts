import { closeSync } from 'node:fs';
import { AT_FDCWD, O_PATH, openat } from '../../../src/syscalls/files/file.ts';
import { fstatfs, mountFlagsOf, statfs, TMPFS_MAGIC } from '../../../src/syscalls/files/statfs.ts';
import * as mount from '../../../src/syscalls/mount/mount.ts';
import * as api from '../../../src/syscalls/mount/mount-api.ts';

/** Makes, attaches, changes, copies and unmounts a tmpfs. */
export function tmpfs(scratch: string): Record<string, unknown> {
  const fsFd = api.fsopen('tmpfs');
  api.fsconfigSet(fsFd, 'size', '64k');
  let refused = '';
  try {
    api.fsconfigSet(fsFd, 'mode', 'nonsense');
  } catch (error) {
    refused = `${(error as Error).message} | ${api.fsContextLog(fsFd)}`;
  }
  api.fsconfigCreate(fsFd);
  const fd = api.fsmount(fsFd, api.MOUNT_ATTR_NOEXEC | api.MOUNT_ATTR_NOATIME);
  const before = statfs(scratch).type === TMPFS_MAGIC;
  const target = openat(AT_FDCWD, scratch, O_PATH);
  api.moveMount(fd, target);
  const flags = [mount.mountFlagNames(mountFlagsOf(statfs(scratch)))];
  api.mountSetattr(fd, { set: api.MOUNT_ATTR_RDONLY, clear: api.MOUNT_ATTR_NOEXEC });
  flags.push(mount.mountFlagNames(mountFlagsOf(fstatfs(fd))));
  const copy = api.cloneMount(fd, { recursive: false });
  api.mountSetattr(copy, { clear: api.MOUNT_ATTR_RDONLY });
  flags.push(mount.mountFlagNames(mountFlagsOf(fstatfs(copy))));
  mount.umount2(scratch, mount.MNT_DETACH);
  const after = statfs(scratch).type === TMPFS_MAGIC;
  for (const open of [fsFd, fd, target, copy]) closeSync(open);
  return { refused, before, flags, after };
}

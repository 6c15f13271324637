import { closeSync, fstatSync } from 'node:fs';
import { makedev } from '../../syscalls/file.ts';
import { openInRoot } from '../../syscalls/path.ts';

// devices.txt: 1:3.
const DEV_NULL = makedev(1, 3);

/** True when the fd is open on the null device, by whatever name. */
export function isDevNull(fd: number): boolean {
  const stat = fstatSync(fd, { bigint: true });
  return stat.isCharacterDevice() && stat.rdev === DEV_NULL;
}

/** Opens the container's /dev/null, verified by its number: a rootfs can have anything there. */
export function openDevNull(rootfsFd: number, flags: number): number {
  const fd = openInRoot(rootfsFd, '/dev/null', flags);
  if (isDevNull(fd)) return fd;
  closeSync(fd);
  throw new Error("container's /dev/null is invalid");
}

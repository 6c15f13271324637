import { closeSync } from 'node:fs';
import { isDevNull } from '../../syscalls/files/dev-null.ts';
import { openInRoot } from '../../syscalls/files/path.ts';

/** Opens the container's /dev/null, verified by device number: a rootfs can have any file there. */
export function openDevNull(rootfsFd: number, flags: number): number {
  const fd = openInRoot(rootfsFd, '/dev/null', flags);
  if (isDevNull(fd)) return fd;
  closeSync(fd);
  throw new Error("container's /dev/null is invalid");
}

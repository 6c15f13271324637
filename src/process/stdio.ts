import { fchownSync, fstatSync } from 'node:fs';
import { failedWith } from '../errors/syscall-error.ts';
import { isDevNull } from '../syscalls/dev-null.ts';

/**
 * Gives the calling process's stdio to `uid`, so that a program that is not root can open
 * /dev/stdout again. The group stays: devpts chose it.
 */
export function fixStdioOwnership(uid: number): void {
  for (const fd of [0, 1, 2]) {
    if (fstatSync(fd).uid === uid || isDevNull(fd)) continue;
    try {
      // -1 as libuv's unsigned gid: unchanged.
      fchownSync(fd, uid, 0xffffffff);
    } catch (error) {
      // The owner is not mapped into our user namespace, or the file system is read-only.
      if (!failedWith(error, 'EPERM', 'EINVAL', 'EROFS')) throw error;
    }
  }
}

import { constants, fchownSync, fstatSync } from 'node:fs';
import { failedWith } from '../errors/syscall-error.ts';
import { makedev } from '../syscalls/file.ts';

const DEV_NULL = makedev(1, 3);

/**
 * Gives the calling process's stdio to `uid`, so that a program that is not root can open
 * /dev/stdout again. The group stays: devpts chose it.
 */
export function fixStdioOwnership(uid: number): void {
  for (const fd of [0, 1, 2]) {
    const stat = fstatSync(fd, { bigint: true });
    if (Number(stat.uid) === uid || isDevNull(stat)) continue;
    try {
      // -1 as libuv's unsigned gid: unchanged.
      fchownSync(fd, uid, 0xffffffff);
    } catch (error) {
      // The owner is not mapped into our user namespace, or the file system is read-only.
      if (!failedWith(error, 'EPERM', 'EINVAL', 'EROFS')) throw error;
    }
  }
}

function isDevNull({ mode, rdev }: { mode: bigint; rdev: bigint }): boolean {
  const isDevice = (mode & BigInt(constants.S_IFMT)) === BigInt(constants.S_IFCHR);
  return isDevice && rdev === DEV_NULL;
}

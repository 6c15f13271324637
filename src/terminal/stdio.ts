import { fchownSync, fstatSync, type Stats } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';

/**
 * Gives the pipes and terminals of the calling process's stdio to `uid`, so that a program that is
 * not root can open /dev/stdout again. The group stays: devpts chose it.
 * Files and other devices keep their owner: `uid` could open its own in ways that davit's caller
 * did not allow.
 */
export function fixStdioOwnership(uid: number): void {
  for (const fd of [0, 1, 2]) {
    const stat = fstatSync(fd);
    if (stat.uid === uid || !(stat.isFIFO() || isTerminal(stat))) continue;
    try {
      // -1 as libuv's unsigned gid: unchanged.
      fchownSync(fd, uid, 0xffffffff);
    } catch (error) {
      // The owner is not mapped into this user namespace, or the file system is read-only.
      if (!hasErrno(error, 'EPERM', 'EINVAL', 'EROFS')) throw error;
    }
  }
}

/**
 * By device number (devices.txt), as a seccomp filter may already refuse ioctl(2): consoles and
 * serial lines, /dev/tty and /dev/console, Unix98 slaves.
 */
function isTerminal(stat: Stats): boolean {
  const major = (stat.rdev >> 8) & 0xfff;
  return stat.isCharacterDevice() && (major === 4 || major === 5 || (major >= 136 && major <= 143));
}

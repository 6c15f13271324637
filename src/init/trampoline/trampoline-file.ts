import { closeSync, fchmodSync } from 'node:fs';
import { hasErrno, isRefused } from '../../errors/syscall-error.ts';
import { AT_FDCWD, O_PATH, openat } from '../../syscalls/files/file.ts';
import { isSealable, memfdCreateExecutable, sealForEver } from '../../syscalls/files/memfd.ts';
import { mountFlagsOf, statfs } from '../../syscalls/files/statfs.ts';
import { openUnnamed } from '../../syscalls/files/unnamed-file.ts';
import { MS_NOEXEC } from '../../syscalls/mount/mount.ts';
import {
  fsconfigCreate,
  fsconfigSet,
  fsmount,
  fsopen,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOSUID,
} from '../../syscalls/mount/mount-api.ts';

/**
 * The file for a trampoline, still empty. An `unreadable` file can be executed but not read:
 * execve(2) then makes the trampoline undumpable, as protectInit made Node. The runtime makes the
 * file, so that no user of the container owns it.
 */
export function trampolineFile(stateDir: string, { unreadable }: { unreadable: boolean }): number {
  const fd = makeFile(stateDir);
  if (unreadable) fchmodSync(fd, 0o111);
  return fd;
}

function makeFile(stateDir: string): number {
  try {
    return memfdCreateExecutable('davit');
  } catch (error) {
    const fd = isRefused(error) ? unnamedFile(stateDir) : undefined;
    if (fd === undefined) throw error;
    return fd;
  }
}

/**
 * Where memfds are refused: an unnamed file for this container alone. A process that gets hold of
 * it has nothing that another container executes; where a tmpfs can be mounted for the file, that
 * has no room for more than a trampoline.
 */
function unnamedFile(stateDir: string): number | undefined {
  const directories = [stateDir, '/dev/shm', '/tmp', '/var/tmp'];
  const ways = [fileOnOwnTmpfs, ...directories.map((directory) => () => fileIn(directory))];
  for (const way of ways) {
    try {
      return way();
    } catch (error) {
      if (!hasErrno(error, ...CANNOT)) throw error;
    }
  }
  return undefined;
}

/** Errors of a directory that is missing, not permitted, full or unable; of a lack of fsopen(2). */
const CANNOT = [
  ...['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EOPNOTSUPP'],
  'ENOSYS',
];

function fileOnOwnTmpfs(): number {
  const fsFd = fsopen('tmpfs');
  try {
    fsconfigSet(fsFd, 'size', TMPFS_SIZE);
    fsconfigCreate(fsFd);
    const mount = fsmount(fsFd, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    try {
      return openUnnamed(mount, '.', MODE);
    } finally {
      closeSync(mount);
    }
  } finally {
    closeSync(fsFd);
  }
}

/** More than argv and environment need: execve(2) gives E2BIG before. */
const TMPFS_SIZE = '16m';

const MODE = 0o700;

function fileIn(directory: string): number {
  if (mountFlagsOf(statfs(directory)) & MS_NOEXEC) {
    throw Object.assign(new Error(`${directory} is mounted noexec`), { code: 'EACCES' });
  }
  return openUnnamed(AT_FDCWD, directory, MODE);
}

/** Makes the written file immutable. Returns an fd of it for execveat(2): `fd`, or a new one. */
export function finishTrampolineFile(fd: number, procfs: number): number {
  if (isSealable(fd)) {
    sealForEver(fd);
    return fd;
  }
  // The kernel does not execute a file that is open for writing, nor open one that runs for
  // writing.
  const readonly = openat(procfs, `self/fd/${fd}`, O_PATH);
  closeSync(fd);
  return readonly;
}

import { closeSync, constants, fstatSync, readSync, writeSync } from 'node:fs';
import { hasErrno, unlessRefused } from '../errors/syscall-error.ts';
import { syscallError } from '../syscalls/ffi/libc.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { AT_FDCWD, O_PATH, openat, readlinkat } from '../syscalls/files/file.ts';
import { openat2, RESOLVE_BENEATH, RESOLVE_NO_XDEV } from '../syscalls/files/openat2.ts';
import { fstatfs, PROC_SUPER_MAGIC } from '../syscalls/files/statfs.ts';
import {
  AT_NO_AUTOMOUNT,
  fsconfigCreate,
  fsconfigSet,
  fsmount,
  fsopen,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  OPEN_TREE_CLONE,
  openTree,
} from '../syscalls/mount/mount-api.ts';
import { walkBelow } from './walk-below.ts';

// linux/proc_ns.h: PROC_ROOT_INO, which no other inode of a procfs has.
const PROC_ROOT_INO = 1;

interface PrivateProcfsOptions {
  /**
   * `pid` leaves out everything but processes, as proc(5) subset=pid, where the kernel can (5.8).
   */
  subset?: 'pid';
}

/**
 * A directory fd (O_PATH, close-on-exec) of a procfs for the caller's pid namespace that no mount
 * covers and no other process can reach. Where the kernel refuses a new one (a user namespace
 * without a full proc, proc(5)), a detached copy of /proc; where it refuses that too, /proc itself.
 * Always verified to be the root of a procfs.
 */
export function openPrivateProcfs(options: PrivateProcfsOptions = {}): number {
  const ways = [
    () => mountProcfs(options.subset),
    () => openTree(AT_FDCWD, '/proc', OPEN_TREE_CLONE | AT_NO_AUTOMOUNT),
    () => openat(AT_FDCWD, '/proc', O_PATH | constants.O_DIRECTORY),
  ];
  for (const way of ways) {
    const fd = attempt(way);
    if (fd === undefined) continue;
    if (isProcfsRoot(fd)) return fd;
    closeSync(fd);
  }
  throw new Error('/proc is not a procfs, and none can be mounted here');
}

function attempt<T>(way: () => T): T | undefined {
  try {
    return way();
  } catch (error) {
    if (hasErrno(error, 'EPERM', 'EACCES', 'EINVAL', 'ENOSYS', 'ENOENT')) return undefined;
    throw error;
  }
}

function mountProcfs(subset: 'pid' | undefined): number {
  using fds = new DisposableStack();
  const fsFd = fds.adopt(fsopen('proc'), closeFd);
  // An older kernel does not know the option, and a whole procfs serves as well.
  if (subset) attempt(() => fsconfigSet(fsFd, 'subset', subset));
  fsconfigCreate(fsFd);
  return fsmount(fsFd, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

function isProcfsRoot(fd: number): boolean {
  return fstatfs(fd).type === PROC_SUPER_MAGIC && fstatSync(fd).ino === PROC_ROOT_INO;
}

/**
 * Opens `path` (`self/attr/exec`, `sys/kernel/sem`) below a procfs handle. Mounts and magic links
 * on the way are refused, and the file is verified to be procfs.
 */
export function openProcFile(procfs: number, path: string, flags: number): number {
  const fd = openBelow(procfs, path, flags);
  if (fstatfs(fd).type === PROC_SUPER_MAGIC) return fd;
  closeSync(fd);
  throw new Error(`${path} is not on a procfs`);
}

const openBelow = (procfs: number, path: string, flags: number): number =>
  unlessRefused(
    () => openat2(procfs, path, flags, RESOLVE_BENEATH | RESOLVE_NO_XDEV),
    () => walkBelow(procfs, path, flags),
  );

/** Writes `text` in one write(2), as the files of procfs want it. */
export function writeProcFile(procfs: number, path: string, text: string): void {
  const fd = openProcFile(procfs, path, constants.O_WRONLY);
  try {
    writeSync(fd, text);
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException;
    throw syscallError(-errno, 'write', `write ${JSON.stringify(text)} to ${path}`);
  } finally {
    closeSync(fd);
  }
}

/** For one system call at a time. */
const chunk = Buffer.allocUnsafeSlow(16384);

/** The whole text of a file below a procfs handle. */
export function readProcFile(procfs: number, path: string): string {
  using fds = new DisposableStack();
  const fd = fds.adopt(openProcFile(procfs, path, constants.O_RDONLY), closeFd);
  const chunks: Buffer[] = [];
  for (;;) {
    const length = readSync(fd, chunk);
    if (length === 0) return Buffer.concat(chunks).toString();
    chunks.push(Buffer.from(chunk.subarray(0, length)));
  }
}

/** The path of the file that `fd` is open on, from the caller's root: `/bundle/rootfs/proc`. */
export function pathOfFd(procfs: number, fd: number): string {
  return readlinkat(procfs, `self/fd/${fd}`);
}

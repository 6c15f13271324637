import { fstatSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { hasErrno } from '../../errors/syscall-error.ts';
import { declareNewer, syscallError } from '../ffi/libc.ts';
import { isAvailable } from '../ffi/newer-calls.ts';
import { AT_EMPTY_PATH } from '../files/file.ts';

// linux/mount.h and linux/fcntl.h
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_RECURSIVE = 0x8000;
export const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
export const MOUNT_ATTR_RDONLY = 0x1;
export const MOUNT_ATTR_NOSUID = 0x2;
export const MOUNT_ATTR_NODEV = 0x4;
export const MOUNT_ATTR_NOEXEC = 0x8;
export const MOUNT_ATTR__ATIME = 0x70;
export const MOUNT_ATTR_RELATIME = 0x0;
export const MOUNT_ATTR_NOATIME = 0x10;
export const MOUNT_ATTR_STRICTATIME = 0x20;
export const MOUNT_ATTR_NODIRATIME = 0x80;
export const MOUNT_ATTR_IDMAP = 0x100000;
export const MOUNT_ATTR_NOSYMFOLLOW = 0x200000;
const MOVE_MOUNT_F_EMPTY_PATH = 0x4;
const MOVE_MOUNT_T_EMPTY_PATH = 0x40;
export const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_SET_FLAG = 0;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_SET_FD = 5;
const FSCONFIG_CMD_CREATE = 6;

const nativeOpenTree = declareNewer<[number, string, number]>(
  'open_tree',
  ['int64_t', 'const char *', 'int64_t'],
  { describe: (_fd, path) => `open_tree ${path || 'of an fd'}` },
);
const nativeMoveMount = declareNewer<[number, string, number, string, number]>('move_mount', [
  'int64_t',
  'const char *',
  'int64_t',
  'const char *',
  'int64_t',
]);
const nativeFsopen = declareNewer<[string, number]>('fsopen', ['const char *', 'int64_t'], {
  describe: (type) => `fsopen ${type}`,
});
const nativeFsconfig = declareNewer<[number, number, string | null, string | null, number]>(
  'fsconfig',
  ['int64_t', 'int64_t', 'const char *', 'const char *', 'int64_t'],
  {
    describe: (_fd, command, key, value) =>
      command === FSCONFIG_CMD_CREATE
        ? 'create the file system'
        : `set ${key}${value === null ? '' : `=${value}`}`,
  },
);
const nativeFsmount = declareNewer<[number, number, number]>('fsmount', [
  'int64_t',
  'int64_t',
  'int64_t',
]);
const nativeMountSetattr = declareNewer<[number, string, number, Uint8Array, number]>(
  'mount_setattr',
  ['int64_t', 'const char *', 'int64_t', 'void *', 'int64_t'],
);

let asFds: boolean | undefined;

/**
 * Whether mounts can be copied and attached as fds. If not, davit mounts with mount(2) alone. Asked
 * once: davit installs no filter before its last mount.
 */
export function mountsAreFds(): boolean {
  asFds ??= isAvailable('open_tree') && isAvailable('move_mount');
  return asFds;
}

/** open_tree(2) of a path: an O_PATH fd, or with OPEN_TREE_CLONE a detached copy of the mount. */
export function openTree(dirFd: number, path: string, flags: number): number {
  return nativeOpenTree(dirFd, path, flags | OPEN_TREE_CLOEXEC);
}

/** A detached copy of the mount that holds the file of `fd`. That file is the copy's root. */
export function cloneMount(fd: number, { recursive }: { recursive: boolean }): number {
  return openTree(fd, '', OPEN_TREE_CLONE | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0));
}

/**
 * move_mount(2) between fds: attaches or moves a mount onto the file that `target` is open on.
 * Mounting a directory on a file, or a file on a directory, fails with ENOTDIR as mount(2) does,
 * not with EINVAL: callers know ENOTDIR.
 */
export function moveMount(mountFd: number, target: number): void {
  try {
    nativeMoveMount(mountFd, '', target, '', MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
  } catch (error) {
    if (!hasErrno(error, 'EINVAL') || isDirectory(mountFd) === isDirectory(target)) throw error;
    throw syscallError(constants.errno.ENOTDIR, 'move_mount');
  }
}

const isDirectory = (fd: number): boolean => fstatSync(fd).isDirectory();

/** fsopen(2): a configuration context for a new file system. */
export function fsopen(type: string): number {
  return nativeFsopen(type, FSOPEN_CLOEXEC);
}

/** fsconfig(2): FSCONFIG_SET_STRING, of at most 255 bytes, or FSCONFIG_SET_FLAG without a value. */
export function fsconfigSet(fsFd: number, key: string, value?: string): void {
  if (value === undefined) nativeFsconfig(fsFd, FSCONFIG_SET_FLAG, key, null, 0);
  else nativeFsconfig(fsFd, FSCONFIG_SET_STRING, key, value, 0);
}

/** fsconfig(2) FSCONFIG_SET_FD. */
export function fsconfigSetFd(fsFd: number, key: string, fd: number): void {
  nativeFsconfig(fsFd, FSCONFIG_SET_FD, key, null, fd);
}

/** fsconfig(2) FSCONFIG_CMD_CREATE: makes the superblock, or uses the existing one. */
export function fsconfigCreate(fsFd: number): void {
  nativeFsconfig(fsFd, FSCONFIG_CMD_CREATE, null, null, 0);
}

/** fsmount(2): a detached mount of the file system, with MOUNT_ATTR_ bits. */
export function fsmount(fsFd: number, attributes: number): number {
  return nativeFsmount(fsFd, FSMOUNT_CLOEXEC, attributes);
}

/** The kernel's message on a failed call: `tmpfs: Unknown parameter 'x'`; '' if there is none. */
export function fsContextLog(fsFd: number): string {
  const buffer = Buffer.alloc(1024);
  try {
    // fsopen(2): each read gives one message, preceded by its level and a space.
    return buffer.toString('utf8', 2, readSync(fsFd, buffer)).trimEnd();
  } catch {
    return '';
  }
}

interface MountAttributes {
  /** MOUNT_ATTR_ bits. An access time other than relatime needs MOUNT_ATTR__ATIME in `clear`. */
  set?: number;
  clear?: number;
  /** One of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE. */
  propagation?: number;
  /** Fd of the user namespace for MOUNT_ATTR_IDMAP. */
  userNamespace?: number;
}

/** mount_setattr(2) on the mount whose root `fd` is open on. Linux 5.12. */
export function mountSetattr(fd: number, attributes: MountAttributes, recursive = false): void {
  // struct mount_attr of linux/mount.h
  const attr = Buffer.alloc(32);
  attr.writeBigUInt64LE(BigInt(attributes.set ?? 0), 0);
  attr.writeBigUInt64LE(BigInt(attributes.clear ?? 0), 8);
  attr.writeBigUInt64LE(BigInt(attributes.propagation ?? 0), 16);
  attr.writeBigUInt64LE(BigInt(attributes.userNamespace ?? 0), 24);
  const flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  nativeMountSetattr(fd, '', flags, attr, attr.length);
}

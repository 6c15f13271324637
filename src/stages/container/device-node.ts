import { closeSync, constants, fstatSync } from 'node:fs';
import type { Device } from '../../config/types.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import {
  fchown,
  makedev,
  mknodat,
  O_PATH,
  openat,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
  S_IFMT,
} from '../../syscalls/file.ts';
import { AT_FDCWD, moveMount, OPEN_TREE_CLONE, openTree } from '../../syscalls/mount-api.ts';
import { openParentInRoot } from '../../syscalls/path.ts';
import { described } from './mount-one/described.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const FILE_TYPES = { c: S_IFCHR, u: S_IFCHR, b: S_IFBLK, p: S_IFIFO };

/**
 * Makes a device in the rootfs, with the umask at 0. `bind` binds the host's file of the same path
 * instead: a user namespace may not mknod(2).
 */
export function makeDevice(rootfsFd: number, device: Device, { bind }: { bind: boolean }): void {
  const { directory, name } = openParentInRoot(rootfsFd, device.path);
  try {
    if (bind || !makeNode(directory, name, device)) bindNode(directory, name, device.path);
  } finally {
    closeSync(directory);
  }
}

/** False when the kernel does not let us. What is there already must be that device (config-linux.md). */
function makeNode(directory: number, name: string, device: Device): boolean {
  const type = FILE_TYPES[device.type];
  const mode = (device.fileMode ?? 0o666) & ~S_IFMT;
  const number = device.type === 'p' ? 0n : makedev(device.major!, device.minor!);
  let made = true;
  try {
    mknodat(directory, name, type | mode, number);
  } catch (error) {
    if (failedWith(error, 'EPERM', 'EACCES')) return false;
    if (!failedWith(error, 'EEXIST')) throw error;
    made = false;
  }
  const fd = openat(directory, name, O_PATH | O_NOFOLLOW);
  try {
    const stat = fstatSync(fd, { bigint: true });
    if ((Number(stat.mode) & S_IFMT) !== type || (type !== S_IFIFO && stat.rdev !== number)) {
      throw new Error(`${device.path} exists and is not the device asked for`);
    }
    if (made && (device.uid || device.gid)) fchown(fd, device.uid ?? 0, device.gid ?? 0);
  } finally {
    closeSync(fd);
  }
  return true;
}

function bindNode(directory: number, name: string, path: string): void {
  described(`bind the host's ${path}`, () => {
    const target = openTarget(directory, name);
    try {
      const tree = openTree(AT_FDCWD, path, OPEN_TREE_CLONE);
      try {
        moveMount(tree, target);
      } finally {
        closeSync(tree);
      }
    } finally {
      closeSync(target);
    }
  });
}

function openTarget(directory: number, name: string): number {
  try {
    return openat(directory, name, O_CREAT | O_EXCL | O_NOFOLLOW);
  } catch (error) {
    if (!failedWith(error, 'EEXIST')) throw error;
    return openat(directory, name, O_PATH | O_NOFOLLOW);
  }
}

import { closeSync, constants, fstatSync } from 'node:fs';
import type { Device } from '../../config/types.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import { withHint } from '../../errors/with-hint.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import {
  AT_FDCWD,
  fchown,
  makedev,
  mknodat,
  O_PATH,
  openat,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
  S_IFMT,
} from '../../syscalls/files/file.ts';
import { openParentInRoot } from '../../syscalls/files/path.ts';
import { described } from '../mounts/described.ts';
import { bindOver } from '../rootfs/bind-over.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const FILE_TYPES = { c: S_IFCHR, u: S_IFCHR, b: S_IFBLK, p: S_IFIFO };

/**
 * Makes a device in the rootfs, with the umask at 0. `bind` binds the host's file of the same path
 * instead: a user namespace may not mknod(2).
 */
export function makeDevice(ctx: InitContext, device: Device, { bind }: { bind: boolean }): void {
  const { directory, name } = openParentInRoot(ctx.rootfsFd, device.path);
  try {
    if (bind || !makeNode(directory, name, device)) bindNode(ctx, directory, name, device.path);
  } finally {
    closeSync(directory);
  }
}

/** False when the kernel does not let us. */
function makeNode(directory: number, name: string, device: Device): boolean {
  const type = FILE_TYPES[device.type];
  const mode = (device.fileMode ?? 0o666) & ~S_IFMT;
  const number = device.type === 'p' ? 0n : makedev(device.major!, device.minor!);
  const { uid = 0, gid = 0 } = device;
  try {
    mknodat(directory, name, type | mode, number);
  } catch (error) {
    if (failedWith(error, 'EPERM', 'EACCES')) return false;
    if (!failedWith(error, 'EEXIST')) throw error;
    closeSync(openNode(directory, name, { path: device.path, type, number }));
    return true;
  }
  if (uid === 0 && gid === 0) return true;
  const fd = openNode(directory, name, { path: device.path, type, number });
  fchown(fd, uid, gid);
  closeSync(fd);
  return true;
}

interface Node {
  path: string;
  /** An S_IF number. */
  type: number;
  number: bigint;
}

/** Opens what is at `name`, which must be that device: config-linux.md, "Devices". */
function openNode(directory: number, name: string, { path, type, number }: Node): number {
  const fd = openat(directory, name, O_PATH | O_NOFOLLOW);
  const stat = fstatSync(fd, { bigint: true });
  const same = (Number(stat.mode) & S_IFMT) === type && (type === S_IFIFO || stat.rdev === number);
  if (same) return fd;
  closeSync(fd);
  throw new Error(`${path} exists and is not the device asked for`);
}

function bindNode(ctx: InitContext, directory: number, name: string, path: string): void {
  try {
    bindHosts(ctx, directory, name, path);
  } catch (error) {
    throw withHint(error, failedWith(error, 'ENOENT') ? ABSENT : undefined);
  }
}

const ABSENT = 'in a user namespace devices are bound from the host, which needs to have them';

function bindHosts(ctx: InitContext, directory: number, name: string, path: string): void {
  described(`bind the host's ${path}`, () => {
    const target = openTarget(directory, name);
    try {
      const source = openat(AT_FDCWD, path, O_PATH);
      try {
        bindOver(ctx, source, target);
      } finally {
        closeSync(source);
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

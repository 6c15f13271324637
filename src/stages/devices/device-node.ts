import { closeSync, constants, fstatSync } from 'node:fs';
import type { Device } from '../../config/types.ts';
import type { InitContext } from '../../context/init-context.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { withCallDescription } from '../../errors/with-call-description.ts';
import { withHint } from '../../errors/with-hint.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
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
import { moveMount } from '../../syscalls/mount/mount-api.ts';
import type { BindSource } from '../mounts/bind/bind-source.ts';
import { bindOver } from '../rootfs/bind-over.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const FILE_TYPES = { c: S_IFCHR, u: S_IFCHR, b: S_IFBLK, p: S_IFIFO };

/**
 * Makes a device node in the rootfs. Where mknod(2) is not permitted, binds the host's file of the
 * same path. The umask must be 0.
 */
export function makeDevice(ctx: InitContext, device: Device): void {
  inParent(ctx, device, (directory, name) => {
    if (!makeNode(directory, name, device)) bindNode(ctx, directory, name, device.path);
  });
}

/**
 * {@link makeDevice} in a user namespace, where mknod(2) of a device is not permitted. `source` is
 * a device that the source opener has made; without it, the host's file is bound.
 */
export function attachDevice(
  ctx: InitContext,
  device: Device,
  source: BindSource | undefined,
): void {
  inParent(ctx, device, (directory, name) => {
    if (source) attachNode(source, directory, name, device.path);
    else bindNode(ctx, directory, name, device.path);
  });
}

function inParent(
  { rootfsFd }: InitContext,
  { path }: Device,
  action: (directory: number, name: string) => void,
): void {
  const { directory, name } = openParentInRoot(rootfsFd, path);
  try {
    action(directory, name);
  } finally {
    closeSync(directory);
  }
}

/** False when the kernel does not permit mknod(2). */
export function makeNode(directory: number, name: string, device: Device): boolean {
  const { type, number } = nodeOf(device);
  const mode = (device.fileMode ?? 0o666) & ~S_IFMT;
  const { uid = 0, gid = 0 } = device;
  try {
    mknodat(directory, name, type | mode, number);
  } catch (error) {
    if (hasErrno(error, 'EPERM', 'EACCES')) return false;
    if (!hasErrno(error, 'EEXIST')) throw error;
    closeSync(openNode(directory, name, device));
    return true;
  }
  if (uid === 0 && gid === 0) return true;
  const fd = openNode(directory, name, device);
  fchown(fd, uid, gid);
  closeSync(fd);
  return true;
}

/** The device as in stat(2): an S_IF file type, and st_rdev. */
export const nodeOf = ({ type, major, minor }: Device): { type: number; number: bigint } => ({
  type: FILE_TYPES[type],
  number: type === 'p' ? 0n : makedev(major!, minor!),
});

/** Opens `name`. Throws unless it is the device asked for: config-linux.md, "Devices". */
function openNode(directory: number, name: string, device: Device): number {
  const { type, number } = nodeOf(device);
  const fd = openat(directory, name, O_PATH | O_NOFOLLOW);
  const stat = fstatSync(fd, { bigint: true });
  const same = (Number(stat.mode) & S_IFMT) === type && (type === S_IFIFO || stat.rdev === number);
  if (same) return fd;
  closeSync(fd);
  throw new Error(`${device.path} exists and is not the device asked for`);
}

function attachNode({ fd }: BindSource, directory: number, name: string, path: string): void {
  withCallDescription(`make ${path}`, () => {
    try {
      using fds = new DisposableStack();
      const target = fds.adopt(openTarget(directory, name), closeFd);
      moveMount(fd, target);
    } finally {
      closeSync(fd);
    }
  });
}

function bindNode(ctx: InitContext, directory: number, name: string, path: string): void {
  try {
    bindHosts(ctx, directory, name, path);
  } catch (error) {
    throw withHint(error, hasErrno(error, 'ENOENT') ? ABSENT : undefined);
  }
}

const ABSENT =
  "only the host's root can make a device for a user namespace: any other user can only bind a device of the host";

function bindHosts(ctx: InitContext, directory: number, name: string, path: string): void {
  withCallDescription(`bind the host's ${path}`, () => {
    using fds = new DisposableStack();
    const target = fds.adopt(openTarget(directory, name), closeFd);
    const source = fds.adopt(openat(AT_FDCWD, path, O_PATH), closeFd);
    bindOver(ctx, source, target);
  });
}

function openTarget(directory: number, name: string): number {
  try {
    return openat(directory, name, O_CREAT | O_EXCL | O_NOFOLLOW);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
    return openat(directory, name, O_PATH | O_NOFOLLOW);
  }
}

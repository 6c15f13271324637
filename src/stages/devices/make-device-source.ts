import { existsSync, statSync } from 'node:fs';
import { mountContextType } from '../../config/crun-annotations.ts';
import type { Device, Spec } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { isRefused } from '../../errors/syscall-error.ts';
import { hostId } from '../../namespaces/host-id.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { closedOnFailure } from '../../syscalls/files/closed-on-failure.ts';
import { AT_FDCWD, O_PATH, openat, S_IFMT } from '../../syscalls/files/file.ts';
import { withUmask } from '../../syscalls/files/with-umask.ts';
import { MS_PRIVATE, mount } from '../../syscalls/mount/mount.ts';
import { moveMount, OPEN_TREE_CLONE, openTree } from '../../syscalls/mount/mount-api.ts';
import { CLONE_NEWNS, unshare } from '../../syscalls/task/namespaces.ts';
import type { BindSource } from '../mounts/bind/bind-source.ts';
import { createDetached } from '../mounts/filesystem/filesystem.ts';
import { readMount } from '../mounts/request.ts';
import type { ListedDevice } from './device-list.ts';
import { makeNode, nodeOf } from './device-node.ts';

/**
 * True where the host has no such file, or one that is another device or has another mode or owner
 * than config.json gives. `init` is in the container's user namespace.
 */
export function differsFromHosts(device: Device, init: number): boolean {
  // init makes a FIFO itself.
  if (device.type === 'p') return false;
  const stat = statSync(device.path, { bigint: true, throwIfNoEntry: false });
  if (!stat) return true;
  const { type, number } = nodeOf(device);
  const mode = Number(stat.mode);
  if ((mode & S_IFMT) !== type || stat.rdev !== number) return true;
  const { fileMode = mode, uid, gid } = device;
  return (
    ((fileMode ^ mode) & ~S_IFMT) !== 0 ||
    isAnother('uid', uid, init, stat.uid) ||
    isAnother('gid', gid, init, stat.gid)
  );
}

/** False for an id that is not mapped, which no file could have. */
function isAnother(kind: 'uid' | 'gid', id: number | undefined, init: number, hosts: bigint) {
  const wanted = id === undefined ? undefined : hostId(init, kind, id);
  return wanted !== undefined && BigInt(wanted) !== hosts;
}

/**
 * A detached mount of the device alone, for an init whose user namespace may not mknod(2). Devices
 * work only in a file system of the host's user namespace: a tmpfs, mounted for this in a new mount
 * namespace of the calling process. Undefined where the caller may not make devices either.
 */
export function makeDeviceSource(
  spec: Spec,
  device: ListedDevice,
  init: number,
): BindSource | undefined {
  const uid = ownerOf(device, 'uid', init);
  const gid = ownerOf(device, 'gid', init);
  try {
    unshare(CLONE_NEWNS);
    using fds = new DisposableStack();
    const directory = fds.adopt(mountTmpfs(spec), closeFd);
    const made = withUmask(0, () => makeNode(directory, NAME, { ...device, uid, gid }));
    if (!made) return undefined;
    return { fd: openTree(directory, NAME, OPEN_TREE_CLONE), detached: true };
  } catch (error) {
    if (isRefused(error) && existsSync(device.path)) return undefined;
    throw error;
  }
}

const NAME = 'device';

function ownerOf(device: ListedDevice, kind: 'uid' | 'gid', init: number): number {
  const { [kind]: id = 0, configPath } = device;
  return atField(`${configPath}.${kind}`, () => {
    const host = hostId(init, kind, id);
    if (host !== undefined) return host;
    throw new Error(`${id}: expected an id that linux.${kind}Mappings maps`);
  });
}

/** Mounts a tmpfs over the root of the calling process's mount namespace, to be used by the fd. */
function mountTmpfs(spec: Spec): number {
  mount(null, '/', null, MS_PRIVATE, null);
  const request = readMount(
    { destination: '/', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    '/',
  );
  const label = spec.linux?.mountLabel;
  const tmpfs = createDetached({}, { ...request, label, labelOption: mountContextType(spec) })!;
  return closedOnFailure(tmpfs, () => {
    using fds = new DisposableStack();
    const root = fds.adopt(openat(AT_FDCWD, '/', O_PATH), closeFd);
    moveMount(tmpfs, root);
  });
}

import { closeSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { IDMapping, Mount, Spec } from '../../config/types.ts';
import { hasNamespace } from '../../config/validate/has-namespace.ts';
import { atField } from '../../errors/stage-error.ts';
import { SyscallError } from '../../errors/syscall-error.ts';
import { MS_PRIVATE, MS_REC, MS_SLAVE, MS_UNBINDABLE } from '../../syscalls/mount.ts';
import {
  AT_FDCWD,
  AT_RECURSIVE,
  MOUNT_ATTR_IDMAP,
  mountSetattr,
  OPEN_TREE_CLONE,
  openTree,
} from '../../syscalls/mount-api.ts';
import { isBind, type MountRequest, readMount } from './mount-one/request.ts';
import { rootPropagation } from './prepare-rootfs.ts';

/** The ids of one id-mapped mount. */
export interface IdMap {
  uidMappings: IDMapping[];
  gidMappings: IDMapping[];
}

/** Gives an fd of a user namespace with these mappings, for MOUNT_ATTR_IDMAP; its caller closes it. */
export type UserNamespaceFor = (ids: IdMap) => number;

/**
 * Opens, on the runtime's side before the fork, the bind sources that init cannot: those that are
 * id-mapped, and where init is in a user namespace those behind a directory not open to everybody.
 * The fds, by index in `mounts`, are detached mounts (open_tree(2), for which the caller needs
 * CAP_SYS_ADMIN over its mount namespace) and go into InitContext.mountSources; the runtime closes
 * its copies after the fork. Errors carry the path of their field.
 *
 * The copy is made in the host's user namespace, so that the flags which the host has on the mount
 * are not locked in it: init takes it only where it was refused the path itself.
 */
export function openMountSources(
  spec: Spec,
  bundle: string,
  userNamespaceFor?: UserNamespaceFor,
): Map<number, number> {
  const sources = new Map<number, number>();
  try {
    spec.mounts?.forEach((mount, index) => {
      atField(`mounts[${index}]`, () => {
        const request = readMount(mount, bundle);
        if (!isBind(request) || !isNeeded(spec, request)) return;
        const fd = openSource(spec, { mount, request, userNamespaceFor });
        if (fd !== undefined) sources.set(index, fd);
      });
    });
    return sources;
  } catch (error) {
    for (const fd of sources.values()) closeSync(fd);
    throw error;
  }
}

function isNeeded(spec: Spec, { idMapped, source }: MountRequest): boolean {
  return idMapped || (hasNamespace(spec.linux, 'user') && !isOpenToAll(source));
}

/** True when every directory above the file can be passed by everybody; a missing one is init's to report. */
function isOpenToAll(source: string): boolean {
  try {
    for (let path = realpathSync(source); path !== '/'; path = dirname(path)) {
      if ((statSync(dirname(path)).mode & 0o001) === 0) return false;
    }
  } catch {
    return true;
  }
  return true;
}

interface Source {
  mount: Mount;
  request: MountRequest;
  userNamespaceFor: UserNamespaceFor | undefined;
}

function openSource(spec: Spec, { mount, request, userNamespaceFor }: Source): number | undefined {
  const fd = cloneTree(request);
  if (fd === undefined) return undefined;
  try {
    cutFromHost(fd, rootPropagation(spec.linux?.rootfsPropagation));
    if (request.idMapped) mapIds(fd, request, idmapNamespace(spec, mount, userNamespaceFor));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Where an ordinary user may not, or the source is not there, init tries for itself and says so. */
function cloneTree({ source, options, idMapped }: MountRequest): number | undefined {
  const recursive = options.flags & MS_REC ? AT_RECURSIVE : 0;
  try {
    return openTree(AT_FDCWD, source, OPEN_TREE_CLONE | recursive);
  } catch (error) {
    if (idMapped || !(error instanceof SyscallError)) throw error;
    return undefined;
  }
}

/** A copy of a shared mount is its peer; make it what a copy by a new mount namespace would be. */
function cutFromHost(fd: number, propagation: number): void {
  const kind = propagation & (MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE);
  if (kind) mountSetattr(fd, { propagation: kind & MS_UNBINDABLE ? MS_PRIVATE : kind }, true);
}

function mapIds(fd: number, { options, source }: MountRequest, userNamespace: number): void {
  try {
    mountSetattr(fd, { set: MOUNT_ATTR_IDMAP, userNamespace }, options.idmap === 'ridmap');
  } catch (error) {
    throw new Error(`map the ids of ${source}: ${(error as Error).message}`, { cause: error });
  } finally {
    closeSync(userNamespace);
  }
}

/** The mount's own mappings, or else those of the container's user namespace. */
function idmapNamespace(
  spec: Spec,
  mount: Mount,
  userNamespaceFor: UserNamespaceFor | undefined,
): number {
  const own = mount.uidMappings ?? mount.gidMappings;
  const joined = spec.linux?.namespaces?.find(({ type }) => type === 'user')?.path;
  if (!own && joined) return openSync(joined, 'r');
  const { uidMappings = [], gidMappings = [] } = own ? mount : (spec.linux ?? {});
  if (uidMappings.length === 0 || gidMappings.length === 0) {
    throw new Error('id-mapped mounts must have both uid and gid mappings specified');
  }
  if (!userNamespaceFor) throw new Error('id-mapped mounts are not supported yet');
  return userNamespaceFor({ uidMappings, gidMappings });
}

import { openSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasNamespace } from '../../config/has-namespace.ts';
import type { Mount, Spec } from '../../config/types.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ForkedContext } from '../../context/context.ts';
import { prefixed } from '../../errors/prefixed.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { withHint } from '../../errors/with-hint.ts';
import { makeUserNamespace } from '../../namespaces/make-user-namespace.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { closedOnFailure } from '../../syscalls/files/closed-on-failure.ts';
import { MOUNT_ATTR_IDMAP, mountSetattr } from '../../syscalls/mount/mount-api.ts';
import { deviceList, type ListedDevice } from '../devices/device-list.ts';
import { differsFromHosts, makeDeviceSource } from '../devices/make-device-source.ts';
import type { BindSource } from './bind/bind-source.ts';
import { isLink, openBindSource, openDetached } from './bind/open-bind-source.ts';
import { isBind, type MountRequest, readMount } from './request.ts';

/** True where init may be unable to open a mount's source or map its ids, and the runtime can. */
export const needsMountSources = ({ spec, unprivileged }: AppliesContext): boolean =>
  !unprivileged && (hasNamespace(spec.linux, 'user') || (spec.mounts?.some(isIdMapped) ?? false));

const isIdMapped = ({ uidMappings, options }: Mount): boolean =>
  uidMappings !== undefined ||
  (options?.some((option) => option === 'idmap' || option === 'ridmap') ?? false);

/**
 * Starts the source opener where init needs it: for bind sources that are id-mapped and, where init
 * is in a user namespace, for sources below a directory that not everybody may pass and for devices
 * that differ from the host's.
 */
export function openMountSources(ctx: ForkedContext, onFailure: OnFailure): void {
  const { spec, bundle, mountSources, init } = ctx;
  const mounts = spec.mounts ?? [];
  const requests = mounts.map((mount) => readMount(mount, bundle));
  const devices = devicesToMake(spec, init.pid);
  if (devices.length === 0 && !requests.some((request) => isNeeded(spec, request))) {
    mountSources!.end();
    return;
  }
  const sources = new Map<string, () => BindSource | undefined>();
  for (const device of devices) {
    sources.set(device.configPath!, () => makeDeviceSource(spec, device, init.pid));
  }
  const idmaps = new Map<number, number>();
  try {
    for (const [index, { idMapped }] of requests.entries()) {
      if (!idMapped) continue;
      idmaps.set(
        index,
        atField(`mounts[${index}]`, () => idmapNamespace(spec, mounts[index]!)),
      );
    }
    for (const [index, request] of requests.entries()) {
      if (isBind(request))
        sources.set(`mounts[${index}]`, () => openMapped(request, idmaps.get(index)));
    }
    mountSources!.start(init.pid, sources);
    onFailure.defer(() => mountSources!.end());
  } finally {
    for (const fd of idmaps.values()) closeFd(fd);
  }
}

/** Ends the source opener: init has made its mounts and devices. */
export const closeMountSources = ({ mountSources }: ForkedContext): void => mountSources?.end();

/** The devices that the source opener makes: some only where init is in a user namespace. */
const devicesToMake = (spec: Spec, init: number): ListedDevice[] =>
  hasNamespace(spec.linux, 'user')
    ? deviceList(spec).filter((device) => device.configPath && differsFromHosts(device, init))
    : [];

function isNeeded(spec: Spec, request: MountRequest): boolean {
  if (!isBind(request)) return false;
  return request.idMapped || (hasNamespace(spec.linux, 'user') && !isOpenToAll(request.source));
}

/**
 * True when everybody may pass every directory above the source. False for a missing source, which
 * an earlier mount may make.
 */
function isOpenToAll(source: string): boolean {
  try {
    for (let path = realpathSync(source); path !== '/'; path = dirname(path)) {
      if ((statSync(dirname(path)).mode & 0o001) === 0) return false;
    }
  } catch {
    return false;
  }
  return true;
}

/** Opens the source, with its ids mapped if a user namespace is given. */
function openMapped(request: MountRequest, userNamespace: number | undefined): BindSource {
  const opened = openBindSource(request);
  if (userNamespace === undefined || isLink(request, opened.fd)) return opened;
  if (!opened.detached) closeFd(opened.fd);
  try {
    const tree = opened.detached ? opened.fd : openDetached(request);
    const fd = closedOnFailure(tree, () => mapIds(tree, request, userNamespace));
    return { fd, detached: true };
  } catch (error) {
    const hint = 'the file system of the source does not support idmapped mounts';
    throw withHint(
      prefixed(`map the ids of ${request.source}`, error),
      hasErrno(error, 'EINVAL') ? hint : undefined,
    );
  }
}

const mapIds = (tree: number, { options }: MountRequest, userNamespace: number): void =>
  mountSetattr(tree, { set: MOUNT_ATTR_IDMAP, userNamespace }, options.idmap === 'ridmap');

/** An fd of a user namespace with the mount's own mappings, or else with the container's. */
function idmapNamespace(spec: Spec, mount: Mount): number {
  const own = mount.uidMappings ?? mount.gidMappings;
  const joined = spec.linux?.namespaces?.find(({ type }) => type === 'user')?.path;
  if (!own && joined) return openSync(joined, 'r');
  const { uidMappings = [], gidMappings = [] } = own ? mount : (spec.linux ?? {});
  if (uidMappings.length === 0 || gidMappings.length === 0) {
    throw new Error('id-mapped mounts must have both uid and gid mappings specified');
  }
  return makeUserNamespace({ uidMappings, gidMappings });
}

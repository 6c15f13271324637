import { isAbsolute, join } from 'node:path';
import type { MountContextType } from '../../config/crun-annotations.ts';
import { isBindMount } from '../../config/mounts/is-bind-mount.ts';
import { type MountOptions, parseMountOptions } from '../../config/mounts/mount-options.ts';
import type { Mount } from '../../config/types.ts';
import { withCallDescription } from '../../errors/with-call-description.ts';
import { mountFlagNames } from '../../syscalls/mount/mount.ts';
import type { BindSource } from './bind/bind-source.ts';

/** One entry of `mounts`, read. */
export interface MountRequest {
  /** As given; for bind mounts an absolute path. */
  source: string;
  /** Path in the container. */
  destination: string;
  /** The file system's type; `bind` for bind mounts, whatever the entry says. */
  type: string;
  options: MountOptions;
  idMapped: boolean;
  /** linux.mountLabel. */
  label?: string | undefined;
  /** The mount option that carries `label`. Default: `context`. */
  labelOption?: MountContextType;
  /** Asks the source opener for the source, where init may not open it. */
  openSource?: () => BindSource | undefined;
}

/** Reads an entry of `mounts`; relative sources of bind mounts are in the bundle (config.md). */
export function readMount(mount: Mount, bundle: string): MountRequest {
  const { source = '', destination, type = '' } = mount;
  const options = parseMountOptions(mount.options);
  const bind = isBindMount(mount);
  if (bind && options.data.length > 0) {
    // The kernel would ignore them silently.
    throw new Error(
      `bind mounts cannot have any filesystem-specific options applied: ${options.data.join(',')}`,
    );
  }
  return {
    source: bind && !isAbsolute(source) ? join(bundle, source) : source,
    destination,
    type: bind ? 'bind' : type,
    options,
    idMapped: Boolean(options.idmap || mount.uidMappings || mount.gidMappings),
  };
}

export const isBind = (request: MountRequest): boolean => request.type === 'bind';

/** The mount in words: `mount tmpfs on /dev (MS_NOSUID|MS_STRICTATIME,mode=755,size=65536k)`. */
function describeRequest(request: MountRequest): string {
  const what = isBind(request) ? request.source : request.type || request.source;
  const { flags, data } = request.options;
  const options = [mountFlagNames(flags), ...data].filter(Boolean).join(',');
  return `mount ${what} on ${request.destination}${options && ` (${options})`}`;
}

/** Runs `action`, a part of making the mount. A failure is described as a failure of the mount. */
export const mounting = <T>(request: MountRequest, action: () => T): T =>
  withCallDescription(() => describeRequest(request), action);

/** The file system's own options, with the SELinux label as one: `size=64k,context="…"`. */
export function mountData({ options, label, labelOption = 'context' }: MountRequest): string {
  return [...options.data, ...(label ? [`${labelOption}="${label}"`] : [])].join(',');
}

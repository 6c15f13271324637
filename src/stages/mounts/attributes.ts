import { unlessRefused } from '../../errors/syscall-error.ts';
import { fstatfs, mountFlagsOf } from '../../syscalls/files/statfs.ts';
import {
  MS_BIND,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_STRICTATIME,
  mount,
} from '../../syscalls/mount/mount.ts';
import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  mountSetattr,
} from '../../syscalls/mount/mount-api.ts';
import { atProcfs, selfFd } from './filesystem/at-procfs.ts';

const ATIME_VALUES = MS_NOATIME | MS_RELATIME | MS_STRICTATIME;
/** Access time flags of mount(2). */
export const ATIME_FLAGS = ATIME_VALUES | MS_NODIRATIME;
/** The flags that belong to a mount and not to its file system. */
export const MOUNT_FLAGS =
  MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW | ATIME_FLAGS;

const TO_ATTRIBUTE: readonly [ms: number, attribute: number][] = [
  [MS_RDONLY, MOUNT_ATTR_RDONLY],
  [MS_NOSUID, MOUNT_ATTR_NOSUID],
  [MS_NODEV, MOUNT_ATTR_NODEV],
  [MS_NOEXEC, MOUNT_ATTR_NOEXEC],
  [MS_NODIRATIME, MOUNT_ATTR_NODIRATIME],
  [MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW],
];

/** MS_ flags as MOUNT_ATTR_ bits; of several access times, the one that mount(2) would choose. */
export function mountAttributes(flags: number): number {
  let attributes = 0;
  for (const [ms, attribute] of TO_ATTRIBUTE) if (flags & ms) attributes |= attribute;
  if (flags & MS_STRICTATIME) return attributes | MOUNT_ATTR_STRICTATIME;
  return flags & MS_NOATIME ? attributes | MOUNT_ATTR_NOATIME : attributes;
}

/** MOUNT_ATTR_ bits as MS_ flags. */
export function mountFlags(attributes: number): number {
  let flags = 0;
  for (const [ms, attribute] of TO_ATTRIBUTE) if (attributes & attribute) flags |= ms;
  if (attributes & MOUNT_ATTR_STRICTATIME) return flags | MS_STRICTATIME;
  return flags | (attributes & MOUNT_ATTR_NOATIME ? MS_NOATIME : MS_RELATIME);
}

/** A mount's flags as MS_ bits. MS_RDONLY is also set where only the file system is read-only. */
export const flagsOfMount = (fd: number): number => mountFlagsOf(fstatfs(fd)) & MOUNT_FLAGS;

/**
 * Gives the mount that `fd` is the root of, and whose flags are `before`, exactly `flags`: by
 * mount_setattr(2), or before Linux 5.12 by a remount. EPERM when that would clear a locked flag
 * (mount_namespaces(7)).
 */
export function setMountFlags(procfs: number, fd: number, before: number, flags: number): void {
  const wanted = mountAttributes(flags);
  const present = mountAttributes(before);
  // A different access time is replaced as a whole. The same one is left out, as it may be locked.
  const atime = (wanted ^ present) & MOUNT_ATTR__ATIME ? MOUNT_ATTR__ATIME : 0;
  unlessRefused(
    () =>
      mountSetattr(fd, {
        set: wanted & ~(MOUNT_ATTR__ATIME & ~atime),
        clear: (present & ~wanted & ~MOUNT_ATTR__ATIME) | atime,
      }),
    () => {
      const remount = MS_REMOUNT | MS_BIND | (flags & MOUNT_FLAGS);
      atProcfs(procfs, () => mount(null, selfFd(fd), null, remount, null));
    },
  );
}

/** Adds MS_RDONLY to the mount that `fd` is the root of. */
export function setReadonly(procfs: number, fd: number): void {
  const flags = flagsOfMount(fd);
  setMountFlags(procfs, fd, flags, flags | MS_RDONLY);
}

/** Sets a mount's propagation: an MS_ propagation flag, with MS_REC for all mounts below it too. */
export function setPropagation(procfs: number, fd: number, propagation: number): void {
  const recursive = (propagation & MS_REC) !== 0;
  unlessRefused(
    () => mountSetattr(fd, { propagation: propagation & ~MS_REC }, recursive),
    () => {
      atProcfs(procfs, () => mount(null, selfFd(fd), null, propagation, null));
    },
  );
}

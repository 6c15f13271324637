import type { InitContext } from '../../../context/init-context.ts';
import { hasErrno } from '../../../errors/syscall-error.ts';
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_RELATIME,
  MS_STRICTATIME,
  mountFlagNames,
} from '../../../syscalls/mount/mount.ts';
import { ATIME_FLAGS, flagsOfMount, MOUNT_FLAGS, setMountFlags } from '../attributes.ts';
import type { MountRequest } from '../request.ts';

/** The flags that lock_mnt_tree in the kernel's fs/namespace.c locks: MS_NOSYMFOLLOW is not one. */
const LOCKABLE = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | ATIME_FLAGS;

/**
 * Gives a bind mount the flags asked for and no others, as `mount --bind -o` means to. Flags that
 * are locked because the mount came from another user namespace (mount_namespaces(7)) are kept,
 * unless the entry asks for the opposite: that is an error.
 */
export function applyBindFlags(ctx: InitContext, request: MountRequest, fd: number): void {
  const present = flagsOfMount(fd);
  const { flags, clearedFlags } = request.options;
  const wanted = (flags & MOUNT_FLAGS & ~ATIME_FLAGS) | accessTime(present, flags);
  try {
    setMountFlags(ctx.procfs, fd, present, wanted);
    return;
  } catch (error) {
    if (!hasErrno(error, 'EPERM')) throw error;
  }
  const locked = present & LOCKABLE;
  refuse('clear locked flags', locked & clearedFlags & ~ATIME_FLAGS);
  const atime = flags & ATIME_FLAGS;
  if (atime !== (present & ATIME_FLAGS))
    refuse('change locked atime flags', atime && locked & ATIME_FLAGS);
  setMountFlags(ctx.procfs, fd, present, wanted | locked);
}

function refuse(what: string, flags: number): void {
  if (flags) throw new Error(`cannot ${what} ${mountFlagNames(flags)}: operation not permitted`);
}

/**
 * The access time stays unless the entry asks for another: as with mount(8) and runc, `atime` and
 * `diratime` alone do not clear noatime and nodiratime.
 */
function accessTime(present: number, flags: number): number {
  const requested = flags & ATIME_FLAGS;
  if (requested & (MS_NOATIME | MS_RELATIME | MS_STRICTATIME)) return requested;
  if (requested) return requested | MS_RELATIME;
  const kept = present & ATIME_FLAGS;
  return kept & (MS_NOATIME | MS_RELATIME | MS_STRICTATIME) ? kept : kept | MS_RELATIME;
}

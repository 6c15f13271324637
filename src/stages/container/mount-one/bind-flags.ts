import { failedWith } from '../../../errors/syscall-error.ts';
import type { InitContext } from '../../../lifecycle/context.ts';
import {
  MS_NOATIME,
  MS_NODIRATIME,
  MS_RELATIME,
  MS_STRICTATIME,
  mountFlagNames,
} from '../../../syscalls/mount.ts';
import { ATIME_FLAGS, flagsOfMount, MOUNT_FLAGS, setMountFlags } from './attributes.ts';
import type { MountRequest } from './request.ts';

/**
 * Gives a bind mount the flags asked for and no others, as `mount --bind -o` means to. Flags that
 * are locked because the mount came from another user namespace (mount_namespaces(7)) are kept,
 * unless the entry asks for the opposite: that is an error.
 */
export function applyBindFlags(ctx: InitContext, request: MountRequest, fd: number): void {
  const present = flagsOfMount(fd);
  const { flags, clearedFlags } = request.options;
  const wanted = (flags & MOUNT_FLAGS & ~ATIME_FLAGS) | accessTime(present, flags, clearedFlags);
  try {
    setMountFlags(ctx.procfs, fd, wanted);
    return;
  } catch (error) {
    if (!failedWith(error, 'EPERM')) throw error;
  }
  const refused = present & clearedFlags;
  if (refused) throw new Error(`cannot clear locked flags ${mountFlagNames(refused)}`);
  const atime = flags & ATIME_FLAGS;
  if (atime && atime !== (present & ATIME_FLAGS)) {
    throw new Error(`cannot change locked atime flags ${mountFlagNames(present & ATIME_FLAGS)}`);
  }
  setMountFlags(ctx.procfs, fd, wanted | present);
}

/** Access times stay what they are until one is asked for; `atime` and `diratime` end their opposites. */
function accessTime(present: number, flags: number, clearedFlags: number): number {
  const asked = flags & ATIME_FLAGS;
  if (asked & (MS_NOATIME | MS_RELATIME | MS_STRICTATIME)) return asked;
  if (asked) return asked | MS_RELATIME;
  const kept = present & ATIME_FLAGS & ~(clearedFlags & (MS_NOATIME | MS_NODIRATIME));
  return kept & (MS_NOATIME | MS_RELATIME | MS_STRICTATIME) ? kept : kept | MS_RELATIME;
}

import { hasErrno } from '../../errors/syscall-error.ts';
import { MNT_DETACH, umount2 } from './mount.ts';

/** Unmounts `path`, even if it is in use: MNT_DETACH of umount2(2). No error for no mount point. */
export function detach(path: string): void {
  try {
    umount2(path, MNT_DETACH);
  } catch (error) {
    if (!hasErrno(error, 'EINVAL')) throw error;
  }
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OnFailure } from '../context/cleanup.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { removeDirectory } from '../state/remove.ts';
import { MNT_DETACH, umount2 } from '../syscalls/mount/mount.ts';

/**
 * Removes what a criu that was killed leaves in its working directory: the cgroups it had mounted
 * (`.criu.cgyard.…`), and copies of AppArmor's policies. Call it before criu starts.
 */
export function removeCriuDirectories(directory: string, onFailure: OnFailure): void {
  const before = new Set(temporaryIn(directory));
  onFailure.defer(() => {
    for (const name of temporaryIn(directory)) {
      if (!before.has(name)) remove(join(directory, name));
    }
  });
}

const temporaryIn = (directory: string): string[] =>
  readdirSync(directory).filter((name) => name.startsWith('.criu.'));

function remove(path: string): void {
  try {
    umount2(path, MNT_DETACH);
  } catch (error) {
    // It is no mount point.
    if (!hasErrno(error, 'EINVAL')) throw error;
  }
  removeDirectory(path);
}

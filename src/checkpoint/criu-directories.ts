import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OnFailure } from '../context/cleanup.ts';
import { removeDirectory } from '../state/remove.ts';
import { detach } from '../syscalls/mount/detach.ts';

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
  detach(path);
  removeDirectory(path);
}

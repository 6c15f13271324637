import { existsSync, mkdirSync, realpathSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { mountFlagsOf, statfs } from '../syscalls/files/statfs.ts';
import { detach } from '../syscalls/mount/detach.ts';
import { MS_BIND, MS_RDONLY, MS_REC, MS_REMOUNT, mount } from '../syscalls/mount/mount.ts';

const RESTORE_ROOT = 'criu-root';

/**
 * Binds the rootfs where criu looks for it while it restores: criu wants a mount point, whose
 * parent nothing covers. The container's root is a copy of this mount; criu before 4.2 does not
 * make it read-only itself. Returns its path.
 */
export function mountRestoreRoot(stateDir: string, rootfs: string, readonly: boolean): string {
  const path = join(realpathSync(stateDir), RESTORE_ROOT);
  mkdirSync(path, { mode: 0o755 });
  mount(rootfs, path, null, MS_BIND | MS_REC, null);
  if (readonly) {
    const flags = MS_BIND | MS_REMOUNT | MS_RDONLY | mountFlagsOf(statfs(path));
    mount(null, path, null, flags, null);
  }
  return path;
}

/**
 * Undoes {@link mountRestoreRoot}, also after davit was killed. Never removes anything in the
 * rootfs: a directory that still has contents is an error.
 */
export function unmountRestoreRoot(stateDir: string): void {
  const path = join(stateDir, RESTORE_ROOT);
  if (!existsSync(path)) return;
  detach(path);
  rmdirSync(path);
}

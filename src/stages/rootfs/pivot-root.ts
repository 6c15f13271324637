import { closeSync } from 'node:fs';
import { hasNamespace } from '../../config/has-namespace.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { openRoot } from '../../rootfs/open-root.ts';
import { chroot, fchdir, pivotRoot as nativePivotRoot } from '../../syscalls/files/root.ts';
import { MNT_DETACH, MS_REC, MS_SLAVE, mount, umount2 } from '../../syscalls/mount/mount.ts';
import { moveRoot } from './move-root.ts';

/**
 * Makes the rootfs the root, and leaves nothing of the host's file system within reach. ctx.rootfsFd
 * stays open, on the new root.
 */
export function pivotRoot(ctx: InitContext): void {
  if (!hasNamespace(ctx.spec.linux, 'mount')) chrootInto(ctx.rootfsFd);
  else if (ctx.options.noPivot) {
    moveRoot(ctx);
    chrootInto(ctx.rootfsFd);
  } else swapRoots(ctx.rootfsFd);
}

function chrootInto(rootfsFd: number): void {
  fchdir(rootfsFd);
  chroot('.');
  process.chdir('/');
}

/** pivot_root(2), NOTES: with "." for both paths the old root ends up on top of the new one. */
function swapRoots(rootfsFd: number): void {
  const oldRoot = openRoot();
  try {
    fchdir(rootfsFd);
    nativePivotRoot('.', '.');
    fchdir(oldRoot);
    // The unmount must not reach the host; private would keep host unmounts from reaching us meanwhile.
    mount(null, '.', null, MS_SLAVE | MS_REC, null);
    umount2('.', MNT_DETACH);
    process.chdir('/');
  } finally {
    closeSync(oldRoot);
  }
}

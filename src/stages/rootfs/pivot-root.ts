import { hasNamespace } from '../../config/has-namespace.ts';
import type { InitContext } from '../../context/init-context.ts';
import { swapRoots } from '../../rootfs/swap-roots.ts';
import { chroot, fchdir } from '../../syscalls/files/root.ts';
import { moveRoot } from './move-root.ts';

/**
 * Makes the rootfs the root, and leaves nothing of the host's file system within reach.
 * ctx.rootfsFd stays open, on the new root.
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

import type { InitContext } from '../../context/init-context.ts';
import { openPrivateProcfs } from '../../rootfs/procfs.ts';

/**
 * Opens the procfs through which init writes to /proc, whatever the container mounts there. A
 * process that enters a pid namespace last has one from its start, of the pid namespace it was
 * forked in.
 */
export function openProcfs(ctx: InitContext): void {
  if (ctx.procfs < 0) ctx.procfs = openPrivateProcfs();
}

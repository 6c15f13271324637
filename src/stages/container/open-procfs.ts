import type { InitContext } from '../../lifecycle/context.ts';
import { openPrivateProcfs } from '../../process/procfs.ts';

/** Opens the procfs through which init writes to /proc, whatever the container mounts there. */
export function openProcfs(ctx: InitContext): void {
  ctx.procfs = openPrivateProcfs();
}

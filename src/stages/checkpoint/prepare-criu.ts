import { type Criu, findCriu, requireFeature } from '../../checkpoint/find-criu.ts';
import { requireLargePipes } from '../../checkpoint/large-pipes.ts';
import type { CheckpointContext, CommandContext, RestoreContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';

/** Finds criu for a checkpoint, and asks for what the flags need. */
export async function prepareCriuToDump(ctx: CheckpointContext): Promise<{ criu: Criu }> {
  const { preDump, parentPath, lazyPages } = ctx.checkpointOptions;
  const criu = await prepare(ctx);
  if (preDump) await requireFeature(criu, 'memTrack', '--pre-dump');
  else if (parentPath) await requireFeature(criu, 'memTrack', '--parent-path');
  if (lazyPages) {
    await requireFeature(criu, 'lazyPages', '--lazy-pages');
    requireLargePipes();
  }
  return { criu };
}

/** Finds criu for a restore, and asks for what the flags need. */
export async function prepareCriuToRestore(ctx: RestoreContext): Promise<{ criu: Criu }> {
  const { lsmProfile, lsmMountContext, lazyPages } = ctx.restoreOptions;
  const criu = await prepare(ctx);
  if (lsmProfile) requireVersion(criu, '--lsm-profile');
  if (lsmMountContext) requireVersion(criu, '--lsm-mount-context');
  if (lazyPages) await requireFeature(criu, 'lazyPages', '--lazy-pages');
  return { criu };
}

async function prepare({ callerEnvironment, warn }: CommandContext): Promise<Criu> {
  if (process.geteuid!() !== 0) warn('checkpoint and restore without root are not tested');
  return await findCriu(callerEnvironment);
}

/** Before 3.16, criu restored another label than asked for. */
function requireVersion({ path, version }: Criu, flag: string): void {
  if (version >= 31600) return;
  throw new RuntimeError(`${flag}: ${path} is older than 3.16`, 'install criu 3.16 or newer');
}

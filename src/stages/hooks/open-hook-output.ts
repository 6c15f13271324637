import { openHookOutput, redirectsHooks } from '../../hooks/hook-output.ts';
import { hasHooks } from '../../hooks/run-hooks.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { Launch } from '../../lifecycle/launch.ts';

/** True where init runs hooks whose output goes to files of the host: init cannot open these. */
export const needsHookOutput = ({ spec }: Launch): boolean =>
  redirectsHooks(spec) && hasHooks(spec, 'createContainer');

/** Opens the files that hooks print to, for init to inherit. */
export function openInitsHookOutput(ctx: RuntimeContext): void {
  ctx.hookOutput = ctx.atEnd.use(openHookOutput(ctx.spec, ctx.bundle));
}

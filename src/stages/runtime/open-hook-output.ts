import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';
import { openHookOutput, redirectsHooks } from '../../process/hooks/hook-output.ts';
import { hasHooks } from '../../process/hooks/run-hooks.ts';

/** True where init runs hooks, and cannot open what they print to. */
export const needsHookOutput = ({ spec }: Launch): boolean =>
  redirectsHooks(spec) && (hasHooks(spec, 'createContainer') || hasHooks(spec, 'startContainer'));

/** Opens it for init to inherit. */
export function openInitsHookOutput(ctx: RuntimeContext): void {
  ctx.hookOutput = openHookOutput(ctx.spec, ctx.bundle);
}

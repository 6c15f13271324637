import { openHookOutput, redirectsHooks } from '../../hooks/hook-output.ts';
import { hasHooks } from '../../hooks/run-hooks.ts';
import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';

/** True where init runs hooks, and cannot open what they print to. */
export const needsHookOutput = ({ spec }: Launch): boolean =>
  redirectsHooks(spec) && (hasHooks(spec, 'createContainer') || hasHooks(spec, 'startContainer'));

/** Opens it for init to inherit. */
export function openInitsHookOutput(ctx: RuntimeContext): void {
  ctx.hookOutput = openHookOutput(ctx.spec, ctx.bundle);
}

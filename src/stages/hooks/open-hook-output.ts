import type { AppliesContext } from '../../context/applies-context.ts';
import type { ConfiguredContext, PreparedContext } from '../../context/context.ts';
import { hasHooks } from '../../hooks/hook-calls.ts';
import { openHookOutput, redirectsHooks } from '../../hooks/hook-output.ts';

/** True where init runs hooks whose output goes to files of the host: init cannot open these. */
export const needsHookOutput = ({ spec }: AppliesContext): boolean =>
  redirectsHooks(spec) && hasHooks(spec, 'createContainer');

/** Opens the files that hooks print to, for init to inherit. */
export function openInitsHookOutput({
  spec,
  bundle,
  atEnd,
}: ConfiguredContext): Pick<PreparedContext, 'hookOutput'> {
  return { hookOutput: atEnd.use(openHookOutput(spec, bundle)) };
}

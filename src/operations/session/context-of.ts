import { loadSpec } from '../../config/load.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { keptLaunch } from '../../stages/state/load-kept-config.ts';
import type { StoredContainer } from '../../state/container.ts';
import { baseContext } from './base-context.ts';
import type { Session } from './session.ts';

/** What stages work on, for a container that exists. Its configuration is the one kept at creation. */
export function contextOf(container: StoredContainer, session: Session): RuntimeContext {
  return { ...baseContext(session), ...keptLaunch(container, loadSpec(container.stateDir)) };
}

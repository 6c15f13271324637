import { loadSpec } from '../../config/load.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { keptLaunch } from '../../stages/state/load-kept-config.ts';
import type { StoredContainer } from '../../state/container.ts';
import { baseContext } from './base-context.ts';
import type { Session } from './session.ts';

/**
 * The stages' context for an existing container, with the configuration that was saved at creation.
 */
export function contextOf(container: StoredContainer, session: Session): RuntimeContext {
  return { ...baseContext(session), ...keptLaunch(container, loadSpec(container.stateDir)) };
}

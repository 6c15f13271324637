import type { LinuxResources } from '../../config/types.ts';
import type { UpdateContext } from '../../context/context.ts';
import { runStages } from '../../lifecycle/engine.ts';
import { updateStages } from '../../lifecycle/stages.ts';
import { containerContext } from '../session/command-context.ts';
import { inSession } from '../session/in-session.ts';
import type { SessionRequest } from '../session/session.ts';

interface UpdateRequest extends SessionRequest {
  /** The limits to change. Absent ones stay. Device rules are never changed. */
  resources: LinuxResources;
  /** The name of `resources` in errors: a file's name. */
  source?: string;
}

/** Changes the limits of a container, now and in the configuration in its state. */
export async function update(request: UpdateRequest): Promise<void> {
  const { resources: changes, source = 'resources' } = request;
  await inSession('update', request, (session) => {
    const ctx: UpdateContext = { ...containerContext(session, request), changes, source };
    return runStages(ctx, updateStages);
  });
}

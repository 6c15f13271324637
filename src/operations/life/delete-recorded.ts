import type { DeleteContext, RuntimeContext } from '../../lifecycle/context.ts';
import { Engine } from '../../lifecycle/engine.ts';
import { deleteStages } from '../../lifecycle/stages.ts';
import { enterStatus } from '../launch/enter-status.ts';
import { containerContext } from '../session/command-context.ts';
import { inSession } from '../session/in-session.ts';
import type { DeleteRequest } from './delete-request.ts';

/** Removes a container that has a record. */
export async function deleteRecorded(request: DeleteRequest): Promise<void> {
  await inSession('delete', request, async (session) => {
    const { force } = request;
    // The stage loadConfig adds the other fields.
    const ctx = { ...containerContext(session, request), force } as RuntimeContext & DeleteContext;
    await new Engine(ctx).run(deleteStages);
    enterStatus(ctx, 'deleted');
  });
}

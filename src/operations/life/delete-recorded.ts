import type { DeleteContext } from '../../context/context.ts';
import { runStages } from '../../lifecycle/engine.ts';
import { deleteStages } from '../../lifecycle/stages.ts';
import type { ContainerRecord } from '../../state/record.ts';
import { enterStatus } from '../launch/enter-status.ts';
import { containerContext } from '../session/command-context.ts';
import { inSession } from '../session/in-session.ts';
import type { DeleteRequest } from './delete-request.ts';

interface RecordedRequest extends DeleteRequest {
  record: ContainerRecord;
}

/** Removes a container that has a record. */
export async function deleteRecorded(request: RecordedRequest): Promise<void> {
  await inSession('delete', request, async (session) => {
    const { force } = request;
    const ctx: DeleteContext = { ...containerContext(session, request), force };
    const deleted = await runStages(ctx, deleteStages);
    enterStatus(deleted, 'deleted');
  });
}

import type { CheckpointOptions } from '../../checkpoint/options.ts';
import type { CheckpointContext } from '../../context/context.ts';
import { runStages } from '../../lifecycle/engine.ts';
import { checkpointStages, removeStages } from '../../lifecycle/stages.ts';
import { enterStatus } from '../launch/enter-status.ts';
import { containerContext } from '../session/command-context.ts';
import { inSession } from '../session/in-session.ts';
import type { SessionRequest } from '../session/session.ts';

/** Saves a container with criu, and removes the container unless it is to go on. */
export async function checkpoint(request: SessionRequest & CheckpointOptions): Promise<void> {
  await inSession('checkpoint', request, async (session) => {
    using atEnd = new DisposableStack();
    const ctx: CheckpointContext = {
      ...containerContext(session, request),
      checkpointOptions: request,
      atEnd,
    };
    const saved = await runStages(ctx, checkpointStages);
    if (request.leaveRunning || request.preDump) return;
    enterStatus(saved, 'stopped');
    await runStages(saved, removeStages);
    enterStatus(saved, 'deleted');
  });
}

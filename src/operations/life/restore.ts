import type { RestoreOptions } from '../../checkpoint/options.ts';
import type { LaunchContext, RestoreContext } from '../../context/context.ts';
import { runStages } from '../../lifecycle/engine.ts';
import { restoreStages } from '../../lifecycle/stages.ts';
import { checkContainerId } from '../../state/container-id.ts';
import { endLostLaunch } from '../launch/end-lost-launch.ts';
import { enterStatus } from '../launch/enter-status.ts';
import { type LaunchRequest, launchContext } from '../launch/launch.ts';
import { waitAndDelete } from '../launch/wait-and-delete.ts';
import { inSession } from '../session/in-session.ts';

interface RestoreRequest extends LaunchRequest, RestoreOptions {
  /** Makes what waits for the program. Without it, `restore` returns once the program runs. */
  supervise?: LaunchContext['supervise'];
  /** Do not adopt the container's orphans. */
  noSubreaper: boolean;
}

/**
 * Makes a container from a checkpoint. Returns its program's exit status, or 0 at once without
 * `supervise`.
 */
export async function restore(request: RestoreRequest): Promise<number> {
  checkContainerId(request.id);
  return inSession('restore', request, async (session) => {
    await endLostLaunch(session, request);
    const { supervise } = request;
    using atEnd = new DisposableStack();
    const ctx: RestoreContext = {
      ...launchContext(request, session, atEnd),
      restoreOptions: request,
      supervise,
      detached: supervise === undefined,
    };
    if (supervise && !request.noSubreaper) ctx.initParent.adoptOrphans();
    enterStatus(ctx, 'creating');
    const running = await runStages(ctx, restoreStages);
    running.supervisor?.takeTerminal();
    enterStatus(running, 'running');
    if (!running.supervisor) return 0;
    return await waitAndDelete(running, session, running.supervisor);
  });
}

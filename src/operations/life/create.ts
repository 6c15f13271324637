import { runStages } from '../../lifecycle/engine.ts';
import { createStages } from '../../lifecycle/stages.ts';
import { checkContainerId } from '../../state/container-id.ts';
import { endLostLaunch } from '../launch/end-lost-launch.ts';
import { enterStatus } from '../launch/enter-status.ts';
import { type LaunchRequest, launchContext } from '../launch/launch.ts';
import { takeTurn } from '../launch/launch-turn.ts';
import { inSession } from '../session/in-session.ts';
import type { Session } from '../session/session.ts';

/** Makes a container whose program waits for {@link start}. */
export async function create(request: LaunchRequest): Promise<void> {
  checkContainerId(request.id);
  await inSession('create', request, async (session) => {
    const endTurn = await takeTurn(session, request);
    try {
      await endLostLaunch(session, request);
      await launch(request, session);
    } finally {
      endTurn();
    }
  });
}

async function launch(request: LaunchRequest, session: Session): Promise<void> {
  using atEnd = new DisposableStack();
  const ctx = launchContext(request, session, atEnd);
  enterStatus(ctx, 'creating');
  await runStages(ctx, createStages);
  enterStatus(ctx, 'created');
}

import type { ForkedContext, LaunchContext } from '../../context/context.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { Engine } from '../../lifecycle/engine.ts';
import { InitEnded } from '../../lifecycle/init-ended.ts';
import { createStages, programStages } from '../../lifecycle/stages.ts';
import { connectToWaitingInit } from '../../stages/init/connect-to-waiting-init.ts';
import { checkContainerId } from '../../state/container-id.ts';
import { removeNotifySocket } from '../../state/notify-socket.ts';
import { endLostLaunch } from '../launch/end-lost-launch.ts';
import { enterStatus } from '../launch/enter-status.ts';
import { type LaunchRequest, launchContext } from '../launch/launch.ts';
import { takeTurn } from '../launch/launch-turn.ts';
import { enterRunning } from '../launch/tolerate-exec-failure.ts';
import { waitAndDelete } from '../launch/wait-and-delete.ts';
import { inSession } from '../session/in-session.ts';
import type { Session } from '../session/session.ts';

interface RunRequest extends LaunchRequest {
  /** Makes what waits for the program. Without it, `run` returns once the program runs. */
  supervise?: LaunchContext['supervise'];
  /** Do not delete the container when its program has ended. */
  keep: boolean;
  /** Do not adopt the container's orphans. */
  noSubreaper: boolean;
}

/**
 * Creates and starts a container. Returns its program's exit status, or 0 at once without
 * `supervise`.
 */
export async function run(request: RunRequest): Promise<number> {
  checkContainerId(request.id);
  return inSession('run', request, async (session) => {
    const endTurn = await takeTurn(session, request);
    try {
      await endLostLaunch(session, request);
      return await launchAndWait(session, request, endTurn);
    } finally {
      endTurn();
    }
  });
}

/** The container's life. Calls `launched` once its program runs. */
async function launchAndWait(
  session: Session,
  request: RunRequest,
  launched: () => void,
): Promise<number> {
  const { supervise } = request;
  using atEnd = new DisposableStack();
  const ctx: LaunchContext = {
    ...launchContext(request, session, atEnd),
    supervise,
    startsProgram: true,
    detached: supervise === undefined,
  };
  if (supervise && !request.noSubreaper) ctx.initParent.adoptOrphans();
  const running = await launch(ctx, session, request);
  launched();
  const { supervisor, readiness } = running;
  if (supervisor) return await waitAndDelete(running, session, supervisor, request);
  if (readiness)
    await (await import('../launch/await-readiness.ts')).awaitReadiness(session, running);
  return 0;
}

async function launch(
  ctx: LaunchContext,
  session: Session,
  { notifySocket }: RunRequest,
): Promise<ForkedContext> {
  if (notifySocket) (await import('../launch/await-readiness.ts')).tryManager(ctx, notifySocket);
  const engine = new Engine(ctx);
  enterStatus(ctx, 'creating');
  const created = await engine.run(ctx, createStages);
  enterStatus(ctx, 'created');
  created.channel.close();
  created.supervisor?.takeTerminal();
  // Only init may hold the listening socket from here on: otherwise a connection to a dead init
  // would succeed and never be answered.
  ctx.startSockets.dispose();
  try {
    Object.assign(created, connectToWaitingInit(created));
  } catch (error) {
    const gone = hasErrno(error, 'ECONNREFUSED', 'ENXIO');
    throw await engine.abandon(gone ? new InitEnded(created) : error);
  }
  const running = await engine.run(created, programStages);
  removeNotifySocket(ctx.stateDir);
  await enterRunning(session, running);
  return running;
}

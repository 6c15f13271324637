import { failedWith } from '../errors/syscall-error.ts';
import type { RuntimeContext } from '../lifecycle/context.ts';
import { Engine } from '../lifecycle/engine.ts';
import { InitEnded } from '../lifecycle/init-ended.ts';
import { createStages, removeStages, startStages } from '../lifecycle/stages.ts';
import type { Attendance } from '../process/attendance.ts';
import { connectToInit } from '../process/channel/connect-to-init.ts';
import { checkContainerId } from '../state/container-id.ts';
import { removeNotifySocket } from '../state/notify-socket.ts';
import { setChildSubreaper } from '../syscalls/prctl.ts';
import { awaitProgram } from './await-program.ts';
import { endLostLaunch } from './end-lost-launch.ts';
import { enterStatus } from './enter-status.ts';
import { closeLaunch, closeNotify, type LaunchRequest, openLaunch } from './launch.ts';
import { takeTurn } from './launch-turn.ts';
import { recordStep } from './record-step.ts';
import { requireProcess } from './require-process.ts';
import { inSession, type Session, type SessionOptions } from './session.ts';
import { enterRunning } from './tolerate-exec-failure.ts';

export interface RunRequest extends LaunchRequest {
  /** Begins to stand in for the program; where nobody does, `run` returns once it runs. */
  attend?: RuntimeContext['attend'];
  /** Do not delete the container when its program has ended. */
  keep: boolean;
  /** Do not adopt the container's orphans. */
  noSubreaper: boolean;
  session?: SessionOptions;
}

/** Creates and starts a container. Returns its program's exit status, or 0 at once where nobody attends. */
export async function run(request: RunRequest): Promise<number> {
  checkContainerId(request.id);
  return inSession('run', request.id, request.session, async (session) => {
    const endTurn = await takeTurn(session);
    try {
      await endLostLaunch(session, request);
      return await live(session, request, endTurn);
    } finally {
      endTurn();
    }
  });
}

/** The container's life; `launched` is called once its program runs. */
async function live(session: Session, request: RunRequest, launched: () => void): Promise<number> {
  const { attend } = request;
  const ctx: RuntimeContext = {
    ...recordStep(session, 'loadConfig', () => openLaunch(request, session)),
    attend,
  };
  if (attend && !request.noSubreaper) setChildSubreaper(true);
  try {
    await launch(ctx, session, request);
    launched();
    if (ctx.attendance) return await outlive(ctx, session, request, ctx.attendance);
    if (ctx.readiness) await (await import('./await-readiness.ts')).awaitReadiness(session, ctx);
    return 0;
  } finally {
    ctx.attendance?.end();
    closeLaunch(ctx);
  }
}

async function launch(
  ctx: RuntimeContext,
  session: Session,
  { notifySocket, attend }: RunRequest,
): Promise<void> {
  requireProcess(ctx.spec);
  if (notifySocket) (await import('./await-readiness.ts')).tryManager(ctx, notifySocket);
  ctx.detached = attend === undefined;
  const engine = new Engine(ctx);
  enterStatus(ctx, 'creating');
  await engine.run(createStages);
  enterStatus(ctx, 'created');
  ctx.channel!.close();
  const { attendance } = ctx;
  attendance?.takeTerminal();
  // Only init may listen from here on: an init that is gone would never answer.
  closeNotify(ctx.inherited);
  try {
    ctx.readiness?.listen(ctx.stateDir);
    ctx.channel = connectToInit(ctx.stateDir);
  } catch (error) {
    const gone = failedWith(error, 'ECONNREFUSED', 'ENXIO');
    throw await engine.abandon(gone ? new InitEnded(ctx) : error);
  }
  await engine.run(startStages);
  removeNotifySocket(ctx.stateDir);
  await enterRunning(session, ctx);
}

/** Waits for the program, and deletes the container. */
async function outlive(
  ctx: RuntimeContext,
  session: Session,
  { keep }: RunRequest,
  attendance: Attendance,
): Promise<number> {
  const status = await awaitProgram(session, ctx, attendance);
  enterStatus(ctx, 'stopped', status);
  if (keep) return status;
  await new Engine(ctx).run(removeStages);
  enterStatus(ctx, 'deleted');
  return status;
}

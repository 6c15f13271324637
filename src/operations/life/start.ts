import { constants } from 'node:os';
import type { PreparedContext, RuntimeContext, StartContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { failedStage, StageError } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { awaitEnd, signalInit } from '../../init/signal-init.ts';
import { Engine, runStages } from '../../lifecycle/engine.ts';
import { InitEnded } from '../../lifecycle/init-ended.ts';
import { connectStages, keptStages, programStages, removeStages } from '../../lifecycle/stages.ts';
import { ALREADY_RUNNING } from '../../stages/state/read-state.ts';
import { readContainer } from '../../state/container.ts';
import { removeNotifySocket } from '../../state/notify-socket.ts';
import { enterRunning } from '../launch/tolerate-exec-failure.ts';
import { release } from '../release/release.ts';
import { inSession } from '../session/in-session.ts';
import { processContext } from '../session/process-context.ts';
import type { Session } from '../session/session.ts';
import type { StartRequest } from './start-request.ts';

/** Starts the program of a created container. */
export async function start(request: StartRequest): Promise<void> {
  const { released } = request;
  if (released)
    return (await import('../release/explain-release.ts')).explainRelease(request, released);
  await inSession('start', request, async (session) => {
    const { root, notifySocket, detached = false } = request;
    // loadConfig adds what the later stages work on.
    using atEnd = new DisposableStack();
    const ctx: StartContext = { ...processContext(session, atEnd), root, detached };
    const engine = new Engine(ctx);
    const kept = await engine.run(ctx, keptStages);
    const notify = notifySocket ? await import('../launch/await-readiness.ts') : undefined;
    notify?.connectToManager(kept, notifySocket!);
    const running = await startProgram(engine, kept, session, request);
    await notify?.awaitReadiness(session, running);
  });
}

/** The context of a start that has failed. */
type PossiblyConnected = PreparedContext & Partial<RuntimeContext>;

async function startProgram(
  engine: Engine,
  ctx: PreparedContext,
  session: Session,
  request: StartRequest,
): Promise<RuntimeContext> {
  try {
    const connected = await engine.run(ctx, connectStages);
    await release(session, connected);
    const running = await engine.run(connected, programStages);
    removeNotifySocket(ctx.stateDir);
    await enterRunning(session, running);
    return running;
  } catch (error) {
    const failure = explained(error, ctx, request);
    if (failure === error) await end(ctx, error);
    throw failure;
  }
}

/**
 * A released init executes its program or ends. Wait for that: a caller that deletes the container
 * now must not find init dying. A failing poststart hook ends the container's life (runtime.md,
 * Lifecycle, step 9).
 */
async function end(ctx: PossiblyConnected, error: unknown): Promise<void> {
  const { channel } = ctx;
  if (!ctx.released || !channel) return;
  channel.close();
  // Init waits for an answer that will not come.
  if (channel.ofFifos) signalInit(ctx.record, constants.signals.SIGKILL);
  awaitEnd(ctx);
  if (failedStage(error) === 'poststartHooks') await runStages(ctx, removeStages);
}

/** An init that serves another start closes this connection, but still exists. */
function explained(error: unknown, ctx: PreparedContext, request: StartRequest): unknown {
  // If a later stage failed, this command did start init, and init ends with it.
  if (error instanceof StageError) {
    const hungUp = error.stage === 'startWait' && error.cause instanceof InitEnded;
    return hungUp && isThere(request) ? alreadyRunning() : error;
  }
  if (!hasErrno(error, ...HUNG_UP)) return error;
  return isThere(request) ? alreadyRunning() : new InitEnded(ctx);
}

/** Errors of a socket or FIFO that init has closed. */
const HUNG_UP = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'EADDRINUSE'],
  ...['ENXIO', 'EAGAIN'],
];

const isThere = (request: StartRequest): boolean => readContainer(request).status !== 'stopped';

const alreadyRunning = () => new RuntimeError(ALREADY_RUNNING);

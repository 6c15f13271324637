import { constants } from 'node:os';
import { seccompReceiver } from '../../config/crun-annotations.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { failedStage, StageError } from '../../errors/stage-error.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import { connectToInit } from '../../init/channel/connect-to-init.ts';
import { openInit } from '../../init/open-init.ts';
import { awaitEnd, signalInit } from '../../init/signal-init.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { Engine } from '../../lifecycle/engine.ts';
import { InitEnded } from '../../lifecycle/init-ended.ts';
import { removeStages, startStages } from '../../lifecycle/stages.ts';
import { readContainer, type StoredContainer } from '../../state/container.ts';
import { removeNotifySocket } from '../../state/notify-socket.ts';
import { closeLaunch } from '../launch/launch.ts';
import { requireProcess } from '../launch/require-process.ts';
import { enterRunning } from '../launch/tolerate-exec-failure.ts';
import { release } from '../release/release.ts';
import { contextOf } from '../session/context-of.ts';
import { inSession } from '../session/in-session.ts';
import { recallNotes } from '../session/plugin-notes.ts';
import { recordStep } from '../session/record-step.ts';
import type { StartRequest } from './start-request.ts';

/** Has a created container execute its program. */
export async function start(request: StartRequest): Promise<void> {
  const released = request.session?.invocation?.released;
  if (released)
    return (await import('../release/explain-release.ts')).explainRelease(request, released);
  await inSession('start', request, async (session) => {
    const container = recordStep(session, 'readState', () => readContainer(request));
    recallNotes(session, container.record);
    checkStatus(container);
    const ctx = recordStep(session, 'loadConfig', () => contextOf(container, session));
    requireProcess(ctx.spec);
    const { notifySocket, detached = false } = request;
    ctx.detached = detached;
    const notify = notifySocket ? await import('../launch/await-readiness.ts') : undefined;
    try {
      notify?.connectToManager(ctx, notifySocket!);
      ctx.readiness?.listen(ctx.stateDir);
      ctx.channel = recordStep(session, 'connect', () => connectToInit(container.stateDir));
      // The listener of a seccomp filter is taken from init by its pidfd.
      if (seccompReceiver(ctx.spec)) {
        const pidfd = openInit(container.record);
        if (pidfd !== undefined) ctx.init = { pid: container.record.initPid, pidfd };
      }
      await release(session, ctx);
      await new Engine(ctx).run(startStages);
      removeNotifySocket(ctx.stateDir);
      await enterRunning(session, ctx);
      await notify?.awaitReadiness(session, ctx);
    } catch (error) {
      const failure = explained(error, ctx, request);
      if (failure === error) await end(ctx, error);
      throw failure;
    } finally {
      closeLaunch(ctx);
    }
  });
}

/**
 * An init that was released runs its program or ends: callers that delete it now are not to find it
 * dying. A failing poststart hook ends the container's life (runtime.md, Lifecycle, step 9).
 */
async function end(ctx: RuntimeContext, error: unknown): Promise<void> {
  if (!ctx.released) return;
  ctx.channel!.close();
  // Nobody answers it any more.
  if (ctx.channel!.ofFifos) signalInit(ctx.record, constants.signals.SIGKILL);
  awaitEnd(ctx);
  if (failedStage(error) === 'poststartHooks') await new Engine(ctx).run(removeStages);
}

function checkStatus({ status }: StoredContainer): void {
  if (status === 'created') return;
  if (status === 'stopped') throw new RuntimeError('cannot start a container that has stopped');
  if (status === 'running') throw alreadyRunning();
  throw new RuntimeError(`cannot start a container in the ${status} state`);
}

/** An init that listens to another start hangs up on this one, but is there. */
function explained(error: unknown, ctx: RuntimeContext, request: StartRequest): unknown {
  // A later stage that failed did run, and init ends with it.
  if (error instanceof StageError) {
    const hungUp = error.stage === 'startWait' && error.cause instanceof InitEnded;
    return hungUp && isThere(request) ? alreadyRunning() : error;
  }
  if (!failedWith(error, ...HUNG_UP)) return error;
  return isThere(request) ? alreadyRunning() : new InitEnded(ctx);
}

/** How a socket, or a FIFO, of init says so. */
const HUNG_UP = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'EADDRINUSE'],
  ...['ENXIO', 'EAGAIN'],
];

const isThere = (request: StartRequest): boolean => readContainer(request).status !== 'stopped';

const alreadyRunning = () => new RuntimeError('cannot start an already running container');

import { seccompReceiver } from '../config/crun-annotations.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { StageError } from '../errors/stage-error.ts';
import { failedWith } from '../errors/syscall-error.ts';
import type { RuntimeContext } from '../lifecycle/context.ts';
import { Engine } from '../lifecycle/engine.ts';
import { InitEnded } from '../lifecycle/init-ended.ts';
import { startStages } from '../lifecycle/stages.ts';
import { connectToInit } from '../process/channel/connect-to-init.ts';
import { openInit } from '../process/open-init.ts';
import { type ContainerRequest, readContainer, type StoredContainer } from '../state/container.ts';
import { removeNotifySocket } from '../state/notify-socket.ts';
import { contextOf } from './context-of.ts';
import { enterStatus } from './enter-status.ts';
import { closeLaunch } from './launch.ts';
import { recallNotes } from './plugin-notes.ts';
import { recordStep } from './record-step.ts';
import { requireProcess } from './require-process.ts';
import { inSession, type SessionOptions } from './session.ts';

export interface StartRequest extends ContainerRequest {
  /** Where a service manager waits for the program's READY=1: a path, or `@` and an abstract name. */
  notifySocket?: string;
  session?: SessionOptions;
}

/** Has a created container execute its program; fails, with the reason, when that fails. */
export async function start(request: StartRequest): Promise<void> {
  await inSession('start', request.id, request.session, async (session) => {
    const container = recordStep(session, 'readState', () => readContainer(request));
    session.recorder.setContainer(request.id, container.record);
    recallNotes(session, container.record);
    checkStatus(container);
    const ctx = recordStep(session, 'loadConfig', () => contextOf(container, session));
    requireProcess(ctx.spec);
    const { notifySocket } = request;
    const notify = notifySocket ? await import('./await-readiness.ts') : undefined;
    try {
      notify?.connectToManager(ctx, notifySocket!);
      ctx.readiness?.listen(ctx.stateDir);
      ctx.channel = recordStep(session, 'connect', () => connectToInit(container.stateDir));
      // The listener of a seccomp filter is taken from init by its pidfd.
      if (seccompReceiver(ctx.spec)) {
        const pidfd = openInit(container.record);
        if (pidfd !== undefined) ctx.init = { pid: container.record.initPid, pidfd };
      }
      await new Engine(ctx).run(startStages);
      removeNotifySocket(ctx.stateDir);
      enterStatus(ctx, 'running');
      await notify?.awaitReadiness(session, ctx);
    } catch (error) {
      throw explained(error, ctx, request);
    } finally {
      closeLaunch(ctx);
    }
  });
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

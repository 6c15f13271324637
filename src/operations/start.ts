import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeError } from '../errors/runtime-error.ts';
import { StageError } from '../errors/stage-error.ts';
import type { RuntimeContext } from '../lifecycle/context.ts';
import { Engine } from '../lifecycle/engine.ts';
import { startStages } from '../lifecycle/stages.ts';
import { connectToInit } from '../process/channel/connect-to-init.ts';
import { NOTIFY_SOCKET } from '../state/store.ts';
import { pidfdOpen } from '../syscalls/pidfd.ts';
import { contextOf } from './context-of.ts';
import { closeLaunch } from './launch.ts';
import { recordStep } from './record-step.ts';
import { emitStatus, inSession, type SessionOptions } from './session.ts';
import { type ContainerRequest, readContainer, type StoredContainer } from './stored.ts';

export interface StartRequest extends ContainerRequest {
  session?: SessionOptions;
}

/** Has a created container execute its program; fails, with the reason, when that fails. */
export async function start(request: StartRequest): Promise<void> {
  await inSession('start', request.id, request.session, async (session) => {
    const container = recordStep(session, 'readState', () => readContainer(request));
    session.recorder.setContainer(request.id, container.record.traceparent);
    checkStatus(container);
    const ctx = recordStep(session, 'loadConfig', () => contextOf(container, session));
    try {
      ctx.channel = connectToInit(container.stateDir);
      // The listener of a seccomp filter is taken from init by its pidfd.
      if (ctx.spec.linux?.seccomp?.listenerPath) {
        ctx.init = { pid: container.record.initPid, pidfd: pidfdOpen(container.record.initPid) };
      }
      await new Engine(ctx, session.watch).run(startStages);
      markStarted(ctx);
      emitStatus(session, 'running', ctx);
    } catch (error) {
      // init ends when a stage fails; what else goes wrong may be that another start was first.
      const { status } = readContainer(request);
      throw error instanceof StageError || status !== 'running' ? error : alreadyRunning();
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

const alreadyRunning = () => new RuntimeError('cannot start an already running container');

/** With the socket gone, the container is seen to be running without a further look. */
export function markStarted({ stateDir }: RuntimeContext): void {
  rmSync(join(stateDir, NOTIFY_SOCKET), { force: true });
}

import { loadSpec } from '../config/load.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import type { RuntimeContext } from '../lifecycle/context.ts';
import { Engine } from '../lifecycle/engine.ts';
import { deleteStages, killStages } from '../lifecycle/stages.ts';
import { isNotifySocketHeld } from '../state/notify-socket.ts';
import { findRecord, removeRemains, stateDirOf } from '../state/store.ts';
import { contextOf } from './context-of.ts';
import { enterStatus } from './enter-status.ts';
import { recordStep } from './record-step.ts';
import { inSession, type Session, type SessionOptions } from './session.ts';
import { type ContainerRequest, readContainer, type StoredContainer } from './stored.ts';

export interface DeleteRequest extends ContainerRequest {
  /** Kill it first when it runs; no error when it does not exist. */
  force: boolean;
  session?: SessionOptions;
}

/** Removes a container and all that is left of it. */
export async function deleteContainer(request: DeleteRequest): Promise<void> {
  if (!findRecord(request.root, request.id)) return removeUnrecorded(request);
  await inSession('delete', request.id, request.session, (session) => remove(request, session));
}

/** A directory without a record is what a crash left, unless a `create` is just about to write it. */
function removeUnrecorded({ root, id, force }: DeleteRequest): void {
  if (!isNotifySocketHeld(stateDirOf(root, id))) removeRemains(root, id);
  if (!force) throw new RuntimeError('container does not exist');
}

async function remove(request: DeleteRequest, session: Session): Promise<void> {
  const container = recordStep(session, 'readState', () => readContainer(request));
  const { record, status } = container;
  session.recorder.setContainer(request.id, record);
  const ctx = recordStep(session, 'loadConfig', () => contextToDelete(request, container, session));
  const engine = new Engine(ctx);
  if (status !== 'stopped') {
    if (status !== 'created' && !request.force) {
      throw new RuntimeError(
        `cannot delete container ${request.id} that is not stopped: ${status}`,
        'stop it with davit kill, or give --force',
      );
    }
    await engine.run(killStages);
  }
  await engine.run(deleteStages);
  enterStatus(ctx, 'deleted');
}

/** The record is enough for --force, where a power cut or a full disk spoilt the configuration. */
function contextToDelete(
  { force }: DeleteRequest,
  container: StoredContainer,
  session: Session,
): RuntimeContext {
  const { record, stateDir } = container;
  try {
    return contextOf(container, session, loadSpec(stateDir));
  } catch (error) {
    if (!force) throw error;
    const ctx = contextOf(container, session, { ociVersion: record.ociVersion });
    ctx.warn(`its poststop hooks, if it has any, are not run: ${(error as Error).message}`);
    return ctx;
  }
}

import { RuntimeError } from '../errors/runtime-error.ts';
import type { DeleteContext, RuntimeContext } from '../lifecycle/context.ts';
import { Engine } from '../lifecycle/engine.ts';
import { deleteStages } from '../lifecycle/stages.ts';
import type { ContainerRequest } from '../state/container.ts';
import { isNotifySocketHeld } from '../state/notify-socket.ts';
import { findRecord, removeRemains, stateDirOf } from '../state/store.ts';
import { containerContext } from './command-context.ts';
import { enterStatus } from './enter-status.ts';
import { inSession, type SessionOptions } from './session.ts';

export interface DeleteRequest extends ContainerRequest {
  /** Kill it first when it runs; no error when it does not exist. */
  force: boolean;
  session?: SessionOptions;
}

/** Removes a container and all that is left of it. */
export async function deleteContainer(request: DeleteRequest): Promise<void> {
  if (!findRecord(request.root, request.id)) return removeUnrecorded(request);
  await inSession('delete', request.id, request.session, async (session) => {
    const { force } = request;
    // loadConfig adds what the later stages work on.
    const ctx = { ...containerContext(session, request), force } as RuntimeContext & DeleteContext;
    await new Engine(ctx).run(deleteStages);
    enterStatus(ctx, 'deleted');
  });
}

/** A directory without a record is what a crash left, unless a `create` is just about to write it. */
function removeUnrecorded({ root, id, force }: DeleteRequest): void {
  if (!isNotifySocketHeld(stateDirOf(root, id))) removeRemains(root, id);
  if (!force) throw new RuntimeError('container does not exist');
}

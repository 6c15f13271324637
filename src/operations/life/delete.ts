import { RuntimeError } from '../../errors/runtime-error.ts';
import { isNotifySocketHeld } from '../../state/notify-socket.ts';
import { findRecord, removeRemains, stateDirOf } from '../../state/store.ts';
import type { DeleteRequest } from './delete-request.ts';

/** Removes a container and everything that is left of it. */
export async function deleteContainer(request: DeleteRequest): Promise<void> {
  const record = findRecord(request.root, request.id);
  if (!record) return removeUnrecorded(request);
  // Engines also delete containers that are gone. That needs no stages, which take long to load.
  await (await import('./delete-recorded.ts')).deleteRecorded({ ...request, record });
}

/**
 * A directory without a record is left over from a crash, unless a `create` is about to write the
 * record.
 */
function removeUnrecorded({ root, id, force }: DeleteRequest): void {
  if (!isNotifySocketHeld(stateDirOf(root, id))) removeRemains(root, id);
  if (!force) throw new RuntimeError('container does not exist');
}

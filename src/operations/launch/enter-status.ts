import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { ContainerEventName } from '../../lifecycle/events.ts';
import { keepNotes } from '../session/plugin-notes.ts';

/** The container has entered a status: tells the bus, and keeps what plugins have noted by then. */
export function enterStatus(
  ctx: RuntimeContext,
  status: ContainerEventName,
  exitStatus?: number,
): void {
  const { bus, id, bundle, record } = ctx;
  const pid = record.initPid || undefined;
  bus.emit(`container:${status}`, {
    ...{ id, bundle, pid, time: Date.now() },
    ...(exitStatus !== undefined && { exitStatus }),
  });
  if (status !== 'creating' && status !== 'deleted') keepNotes(ctx);
}

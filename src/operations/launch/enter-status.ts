import type { ContainerEventName } from '../../bus/events.ts';
import type { RecordedContext } from '../../context/context.ts';
import { keepNotes } from '../session/plugin-notes.ts';

/** Emits that the container has entered a status, and saves the plugins' notes so far. */
export function enterStatus(
  ctx: RecordedContext,
  status: ContainerEventName,
  exitStatus?: number,
): void {
  const { bus, id, bundle, record } = ctx;
  const pid = record.initPid || undefined;
  bus.emit(`container:${status}`, {
    id,
    bundle,
    pid,
    time: Date.now(),
    ...(exitStatus !== undefined && { exitStatus }),
  });
  if (status !== 'creating' && status !== 'deleted') keepNotes(ctx);
}

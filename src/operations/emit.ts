import { failedStage, reportFailure } from '../errors/stage-error.ts';
import type { RuntimeContext } from '../lifecycle/context.ts';
import type { ContainerEventName } from '../lifecycle/events.ts';
import { keepNotes } from './plugin-notes.ts';
import type { Session } from './session.ts';

/** How a command ended. */
export interface Outcome {
  error?: unknown;
  /** What to do about it. */
  hint?: string | undefined;
  exitCode?: number;
}

/** Tells the bus, where there is one, that the container entered a status. */
export function emitStatus(
  { bus }: Session,
  status: ContainerEventName,
  ctx: RuntimeContext,
  exitStatus?: number,
): void {
  const { id, bundle, record } = ctx;
  const pid = record.initPid || undefined;
  bus?.emit(`container:${status}`, {
    ...{ id, bundle, pid, time: Date.now() },
    ...(exitStatus !== undefined && { exitStatus }),
  });
  if (status !== 'creating' && status !== 'deleted') keepNotes(ctx);
}

/** Tells the bus, where there is one, that the command is over. */
export function emitCommand(
  { bus, recorder, waited }: Session,
  { error, exitCode }: Outcome,
): void {
  if (!bus) return;
  const { command, start } = recorder.options;
  const duration = process.hrtime.bigint() - start;
  const event = {
    ...{ id: recorder.containerId!, command },
    startTime: Date.now() - Number(duration) / 1e6,
    duration: Number(duration - waited) / 1e6,
    ...(exitCode !== undefined && { exitStatus: exitCode }),
  };
  if (error === undefined) bus.emit('command:after', event);
  else bus.emit('command:error', { ...event, ...failureOf(error) });
}

function failureOf(error: unknown) {
  const stage = failedStage(error);
  return { error: reportFailure(error), ...(stage !== undefined && { stage }) };
}

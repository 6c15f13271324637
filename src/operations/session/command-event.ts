import { failedStage, reportFailure } from '../../errors/stage-error.ts';
import type { Session } from './session.ts';

/** How a command ended. */
export interface Outcome {
  error?: unknown;
  /** Why the program could not be executed, where the command is not to fail by that. */
  tolerated?: unknown;
  /** What to do about it. */
  hint?: string | undefined;
  exitCode?: number;
}

/** Tells the bus that the command is over. */
export function emitCommand(
  { bus, recorder, waited }: Session,
  { error, exitCode }: Outcome,
): void {
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

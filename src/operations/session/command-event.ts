import { failedStage, reportFailure } from '../../errors/stage-error.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import type { Outcome } from '../../trace/record/command-spans.ts';
import type { Session } from './session.ts';

/** Emits that the command has ended. */
export function emitCommand(
  { bus, spans, waitedNanos }: Session,
  { error, exitCode }: Outcome,
): void {
  const { id, command, start } = spans.options;
  const duration = monotonicNs() - start;
  const event = {
    id,
    command,
    startTime: Date.now() - Number(duration) / 1e6,
    duration: Number(duration - waitedNanos) / 1e6,
    ...(exitCode !== undefined && { exitStatus: exitCode }),
  };
  if (error === undefined) bus.emit('command:after', event);
  else bus.emit('command:error', { ...event, ...failureOf(error) });
}

function failureOf(error: unknown) {
  const stage = failedStage(error);
  return { error: reportFailure(error), ...(stage !== undefined && { stage }) };
}

import { Axis, ownTime } from '../axis.ts';
import type { StoredTrace } from '../read-traces.ts';
import { isoTime } from '../text/time.ts';
import { type LongestStage, longestStage } from './longest-stage.ts';

/** One life of a container. Durations are nanoseconds without waits, times ISO 8601. */
export interface ListedTrace {
  containerId: string;
  traceId: string;
  start: string;
  duration: number;
  commands: { name: string; start: string; duration: number; error?: string | undefined }[];
  /** The stage that took longest. */
  longest?: LongestStage | undefined;
}

export function listTraces(traces: readonly StoredTrace[]): ListedTrace[] {
  return traces.map((trace) => {
    const { containerId, traceId } = trace;
    const commands = trace.commands.map((command) => ({
      name: command.root.name,
      start: isoTime(command.root.start),
      duration: new Axis(command).total,
      error: command.root.error,
    }));
    const { start } = commands[0]!;
    const duration = ownTime(trace);
    return {
      containerId,
      traceId,
      start,
      duration,
      commands,
      longest: longestStage(trace.commands),
    };
  });
}

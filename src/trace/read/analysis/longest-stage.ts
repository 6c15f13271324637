import { isWait } from '../axis.ts';
import type { StoredCommand } from '../read-traces.ts';

/** A stage of a command, and how long it took in nanoseconds. */
export interface LongestStage {
  command: string;
  stage: string;
  duration: number;
}

/** The stage of `commands` that took longest; undefined if they have none. */
export function longestStage(commands: readonly StoredCommand[]): LongestStage | undefined {
  const stages = commands.flatMap(({ root, spans }) =>
    spans
      .filter((span) => span.parentSpanId === root.spanId && !isWait(span))
      .map(({ name, start, end }) => ({
        command: root.name,
        stage: name,
        duration: Number(end - start),
      })),
  );
  return stages.toSorted((a, b) => b.duration - a.duration)[0];
}

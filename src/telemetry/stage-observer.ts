import type { Observer, StageRun } from '../lifecycle/observer.ts';
import type { Recorder } from './recorder.ts';

/** Records every stage as a span of the command. */
export function recordStages(recorder: Recorder): Observer {
  return {
    before: () => {},
    after({ stage, begin, end, failure }: StageRun): void {
      recorder.span(stage.name, { start: begin, end, side: stage.side, error: failure });
    },
  };
}

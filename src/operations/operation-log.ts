import type { Observer, StageRun } from '../lifecycle/observer.ts';

/** Where warnings and --debug lines go. */
export interface OperationLog {
  readonly debugging: boolean;
  debug(message: string): void;
  warning(message: string): void;
}

export const SILENT: OperationLog = { debugging: false, debug: () => {}, warning: () => {} };

/** Tells of each stage, with --debug. */
export function logStages(log: OperationLog): Observer {
  return {
    acts: () => true,
    before: ({ name, side }) => log.debug(`stage ${name} (${side})`),
    after: (run) => log.debug(`stage ${run.stage.name}: ${outcomeOf(run)}`),
    undone: (run) => log.debug(`undo ${run.stage.name}: ${outcomeOf(run)}`),
  };
}

function outcomeOf({ begin, end, failure }: StageRun): string {
  const ms = (Number(end - begin) / 1e6).toFixed(3);
  return `${failure ? `failed: ${failure.message}` : 'done'} (${ms} ms)`;
}

import type { LifecycleBus } from '../../bus/bus.ts';
import type { StageUndoneEvent } from '../../bus/events.ts';
import type { OperationLog } from './operation-log.ts';

/** Logs each stage, for --debug. */
export function logStages(bus: LifecycleBus, log: OperationLog): void {
  const ended = (event: StageUndoneEvent) => log.debug(`stage ${event.stage}: ${outcomeOf(event)}`);
  bus
    .on('stage:before', ({ stage, side }) => log.debug(`stage ${stage} (${side})`))
    .on('stage:after', ended)
    .on('stage:error', ended)
    .on('stage:undone', (event) => log.debug(`undo ${event.stage}: ${outcomeOf(event)}`));
}

const outcomeOf = ({ duration, error }: StageUndoneEvent): string =>
  `${error ? `failed: ${error.message}` : 'done'} (${duration.toFixed(3)} ms)`;

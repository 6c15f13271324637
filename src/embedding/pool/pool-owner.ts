import { isRunning, readProcessStat } from '../../state/process-stat.ts';
import { findRecord, listIds } from '../../state/store.ts';

/** The annotation of a pool's containers: the pid and the start time of the program that has the pool. */
export const POOL_ANNOTATION = 'io.davit.pool';

/** The value of the annotation for this program. */
export const ownPool = (): string => `${process.pid} ${readProcessStat(process.pid)!.startTime}`;

/** The containers of pools whose programs have been killed. */
export function abandonedContainers(root: string): string[] {
  return listIds(root).filter((id) => {
    const owner = findRecord(root, id)?.annotations?.[POOL_ANNOTATION];
    if (owner === undefined) return false;
    const [pid = 0, startTime = 0] = owner.split(' ').map(Number);
    return !isRunning(pid, startTime);
  });
}

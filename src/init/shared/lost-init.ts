import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { Successor } from '../../syscalls/switch/switch.ts';
import { reasonFor, restartFor } from '../restart.ts';

/**
 * What becomes of a runtime whose init is killed while it has the thread: the same command once more,
 * which then cleans up (operations/end-lost-launch.ts). An embedding program can only end.
 */
export function successorOf({ restart }: RuntimeContext): Successor | undefined {
  return restart && restartFor(restart, reasonFor('lostInit'));
}

export const lastWords = ({ id }: RuntimeContext): string =>
  `davit: ${id}: container init was killed while it shared the memory of this process, which ends with it\n`;

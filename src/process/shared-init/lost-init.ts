import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { Successor } from '../../syscalls/switch/switch.ts';
import { environ } from '../environ.ts';

/** In the environment of the process that takes a runtime's place: its pid, which it keeps. */
export const LOST_INIT = 'DAVIT_LOST_INIT';

/**
 * What becomes of a runtime whose init is killed while it has the thread: the same command once more,
 * which then cleans up (operations/lost-init.ts). An embedding program can only end.
 */
export function successorOf({ restart }: RuntimeContext): Successor | undefined {
  if (!restart) return undefined;
  return {
    path: process.execPath,
    argv: restart,
    env: [...environ(), `${LOST_INIT}=${process.pid}`],
  };
}

export const lastWords = ({ id }: RuntimeContext): string =>
  `davit: ${id}: container init was killed while it shared the memory of this process, which ends with it\n`;

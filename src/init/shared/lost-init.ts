import type { PreparedContext } from '../../context/context.ts';
import type { ReplacementProgram } from '../../syscalls/switch/switch.ts';
import { reasonFor, restartFor } from '../restart.ts';

/**
 * The program that replaces a runtime whose init is killed while init has the thread: the same
 * command, which then cleans up. Undefined in an embedding program, which can only end.
 */
export function replacementForLostInit({
  restart,
}: PreparedContext): ReplacementProgram | undefined {
  return restart && restartFor(restart, reasonFor('lostInit'));
}

export const lostInitMessage = ({ id }: PreparedContext): string =>
  `davit: ${id}: container init was killed while it shared the memory of this process, so this process ends as well\n`;

import { deleteContainer } from '../life/delete.ts';
import type { Session } from '../session/session.ts';

/**
 * Ends what a launch of this container had begun when its init was killed and took the runtime's
 * thread along, or a plugin never returned: this process is what became of that runtime. Does nothing
 * in any other.
 */
export async function endLostLaunch(
  { restarted }: Session,
  place: { root: string; id: string },
): Promise<void> {
  if (!restarted) return;
  await deleteContainer({ ...place, force: true });
  throw restarted.error;
}

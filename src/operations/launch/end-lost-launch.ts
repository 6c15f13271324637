import type { ContainerRequest } from '../../state/container.ts';
import { deleteContainer } from '../life/delete.ts';
import type { Session } from '../session/session.ts';

/**
 * Cleans up after a launch whose runtime was executed anew, because its init was killed while it
 * held the shared thread or because a plugin never returned. This process is that runtime. Does
 * nothing in any other process.
 */
export async function endLostLaunch(
  { restarted }: Session,
  { root, id, environment }: ContainerRequest,
): Promise<void> {
  if (!restarted) return;
  await deleteContainer({ root, id, environment, force: true });
  throw restarted.error;
}

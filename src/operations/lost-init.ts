import { RuntimeError } from '../errors/runtime-error.ts';
import { LOST_INIT } from '../process/shared-init/lost-init.ts';
import { deleteContainer } from './delete.ts';
import type { Session } from './session.ts';

/**
 * Ends what a launch of this container had begun when its init was killed and took the runtime's
 * thread along, or a plugin never returned: this process is what became of that runtime. Does nothing
 * in any other.
 */
export async function endLostLaunch(
  { hung }: Session,
  place: { root: string; id: string },
): Promise<void> {
  const reason = hung ?? lostInit();
  if (!reason) return;
  await deleteContainer({ ...place, force: true });
  throw reason;
}

function lostInit(): RuntimeError | undefined {
  const lost = process.env[LOST_INIT];
  delete process.env[LOST_INIT];
  if (lost !== String(process.pid)) return undefined;
  return new RuntimeError(
    'container init ended unexpectedly',
    'a signal killed it: look for the OOM killer in dmesg, or for a seccomp filter that kills',
  );
}

import { RuntimeError } from '../errors/runtime-error.ts';
import { LOST_INIT } from '../process/shared-init/lost-init.ts';
import { deleteContainer } from './delete.ts';

/**
 * Ends what a launch of this container had begun when its init was killed and took the runtime's
 * thread along: this process is what became of that runtime. Does nothing in any other.
 */
export async function endLostLaunch(place: { root: string; id: string }): Promise<void> {
  const lost = process.env[LOST_INIT];
  if (lost === undefined) return;
  delete process.env[LOST_INIT];
  if (lost !== String(process.pid)) return;
  await deleteContainer({ ...place, force: true });
  throw new RuntimeError(
    'container init ended unexpectedly',
    'a signal killed it: look for the OOM killer in dmesg, or for a seccomp filter that kills',
  );
}

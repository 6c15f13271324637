import { hasErrno } from '../../../errors/syscall-error.ts';
import { ps } from '../../../operations/observe/ps.ts';
import type { ContainerRequest } from '../../../state/container.ts';
import { kill } from '../../../syscalls/signal/signals.ts';

/** Sends a signal to every process of a container. */
export async function killAll(container: ContainerRequest, signal: number): Promise<void> {
  for (const pid of await ps(container)) {
    try {
      kill(pid, signal);
    } catch (error) {
      if (!hasErrno(error, 'ESRCH')) throw error;
    }
  }
}

import { constants } from 'node:os';
import type { KillContext, ReadContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { signalInit } from '../../init/signal-init.ts';
import type { StoredContainer } from '../../state/container.ts';

const { SIGKILL } = constants.signals;

/** Sends the signal to init. Throws for a stopped container, unless `all` is set. */
export function sendSignal({ container, signal, all }: ReadContext & KillContext): void {
  if (!signalContainer(container, signal) && !all) throw new RuntimeError('container not running');
}

/**
 * False when there was no process to signal. Without its own pid namespace, a container does not
 * end with init: SIGKILL then goes to every process in its cgroup.
 */
function signalContainer({ record, cgroup, status }: StoredContainer, signal: number): boolean {
  if (
    signal === SIGKILL &&
    record.sharedPid &&
    cgroup &&
    cgroup.pids({ recursive: true }).length > 0
  ) {
    cgroup.killAll();
    return true;
  }
  const delivered = signalInit(record, signal);
  // A frozen process of cgroup v1 dies only when it thaws.
  if (delivered && signal === SIGKILL && status === 'paused') cgroup?.thaw();
  return delivered;
}

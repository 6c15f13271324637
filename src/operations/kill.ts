import { constants } from 'node:os';
import { RuntimeError } from '../errors/runtime-error.ts';
import { signalInit } from '../process/signal-init.ts';
import { recordStep } from './record-step.ts';
import { inSession, type SessionOptions } from './session.ts';
import { type ContainerRequest, readContainer, type StoredContainer } from './stored.ts';
import { LAST_SIGNAL, unknownSignal } from './unknown-signal.ts';

const { SIGKILL } = constants.signals;

export interface KillRequest extends ContainerRequest {
  /** 0 only looks whether init is there. */
  signal: number;
  /** A stopped container is no error: runc's obsolete --all. */
  all: boolean;
  session?: SessionOptions;
}

/** Sends a signal to a container's init. */
export async function kill(request: KillRequest): Promise<void> {
  const { signal } = request;
  if (!Number.isInteger(signal) || signal < 0 || signal > LAST_SIGNAL) {
    throw unknownSignal(String(signal));
  }
  await inSession('kill', request.id, request.session, async (session) => {
    const container = recordStep(session, 'readState', () => readContainer(request));
    session.recorder.setContainer(request.id, container.record);
    const delivered = recordStep(session, 'sendSignal', () => signalContainer(container, signal));
    if (!delivered && !request.all) throw new RuntimeError('container not running');
  });
}

/**
 * False when there was nobody to signal. Without a pid namespace of its own, the end of init does not
 * end the container: SIGKILL then goes to all that is in its cgroup.
 */
function signalContainer(container: StoredContainer, signal: number): boolean {
  const { record, cgroup, status } = container;
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

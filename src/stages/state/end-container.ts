import { constants } from 'node:os';
import { PROGRESS_MS, type Progress } from '../../caller/progress.ts';
import type { StoredContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { awaitInitEnd, END_TIMEOUT_MS, signalInit } from '../../init/signal-init.ts';
import { removeNotifySocket } from '../../state/notify-socket.ts';
import type { ContainerRecord } from '../../state/record.ts';

const { SIGKILL } = constants.signals;
/** More than a process needs to end after SIGKILL. */
const SOON_MS = 1000;

/** Kills a container and waits for its end. */
export function endContainer({ record, cgroup, stateDir, startProgress }: StoredContext): void {
  using line = startProgress?.();
  if (cgroup?.frozen()) {
    signalInit(record, SIGKILL);
    cgroup.thaw();
  }
  signalInit(record, SIGKILL);
  // cgroup v1: a process that the container itself froze ends only once killAll thaws it.
  if (!awaitInitEnd(record, SOON_MS)) cgroup?.killAll(() => showWait(record, line));
  if (!awaitEndShown(record, line)) {
    throw new RuntimeError(`container init still running after ${END_TIMEOUT_MS / 1000} s`);
  }
  removeNotifySocket(stateDir);
}

/** As awaitInitEnd. Says on a terminal that the command waits. */
function awaitEndShown(record: ContainerRecord, line: Progress | undefined): boolean {
  const slice = line ? PROGRESS_MS : END_TIMEOUT_MS;
  for (let waited = 0; waited < END_TIMEOUT_MS; waited += slice) {
    if (awaitInitEnd(record, slice)) return true;
    showWait(record, line);
  }
  return false;
}

const showWait = ({ initPid }: ContainerRecord, line: Progress | undefined): void =>
  line?.show(() => `init, pid ${initPid}, was sent SIGKILL and has not ended yet`);

/**
 * Kills what still runs in the cgroup, and removes it: without its own pid namespace, a container
 * does not end with init.
 */
export async function removeCgroup({ cgroup }: Pick<StoredContext, 'cgroup'>): Promise<void> {
  if (!cgroup) return;
  cgroup.killAll();
  await cgroup.destroy();
}

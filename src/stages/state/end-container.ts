import { constants } from 'node:os';
import type { StoredContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { awaitInitEnd, END_TIMEOUT_MS, signalInit } from '../../init/signal-init.ts';
import { removeNotifySocket } from '../../state/notify-socket.ts';

const { SIGKILL } = constants.signals;
/** More than a process needs to end after SIGKILL. */
const SOON_MS = 1000;

/** Kills a container and waits for its end. */
export function endContainer({ record, cgroup, stateDir }: StoredContext): void {
  if (cgroup?.frozen()) {
    signalInit(record, SIGKILL);
    cgroup.thaw();
  }
  signalInit(record, SIGKILL);
  // cgroup v1: a process that the container itself froze ends only once killAll thaws it.
  if (!awaitInitEnd(record, SOON_MS)) cgroup?.killAll();
  if (!awaitInitEnd(record, END_TIMEOUT_MS)) {
    throw new RuntimeError(`container init still running after ${END_TIMEOUT_MS / 1000} s`);
  }
  removeNotifySocket(stateDir);
}

/**
 * Kills what still runs in the cgroup, and removes it: without its own pid namespace, a container
 * does not end with init.
 */
export function removeCgroup({ cgroup }: Pick<StoredContext, 'cgroup'>): void {
  if (!cgroup) return;
  cgroup.killAll();
  cgroup.destroy();
}

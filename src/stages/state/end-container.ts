import { constants } from 'node:os';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { awaitInitEnd, END_TIMEOUT_MS, signalInit } from '../../init/signal-init.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { removeNotifySocket } from '../../state/notify-socket.ts';

const { SIGKILL } = constants.signals;
/** More than a process needs for its end. */
const SOON_MS = 1000;

/** Kills a container and waits for its end. */
export function endContainer({ record, cgroup, stateDir }: RuntimeContext): void {
  if (cgroup?.frozen()) {
    signalInit(record, SIGKILL);
    cgroup.thaw();
  }
  signalInit(record, SIGKILL);
  // Of cgroup v1, what the container has frozen itself ends when it is thawed.
  if (!awaitInitEnd(record, SOON_MS)) cgroup?.killAll();
  if (!awaitInitEnd(record, END_TIMEOUT_MS)) {
    throw new RuntimeError(`container init still running after ${END_TIMEOUT_MS / 1000} s`);
  }
  removeNotifySocket(stateDir);
}

/**
 * Removes the cgroup. What still runs in it (init's end does not end a container without a pid
 * namespace of its own) is killed first.
 */
export function removeCgroup({ cgroup }: RuntimeContext): void {
  if (!cgroup) return;
  cgroup.killAll();
  cgroup.destroy();
}

import type { ContainerStatus } from '../config/names/container-statuses.ts';
import { isAlive } from './init-process.ts';
import { isNotifySocketHeld } from './notify-socket.ts';
import type { ContainerRecord } from './record.ts';

/** A container's status (runtime.md, State), asked of the kernel: a recorded one could be stale. */
export function statusOf(record: ContainerRecord, dir: string): ContainerStatus {
  if (record.initPid === 0) return isNotifySocketHeld(dir) ? 'creating' : 'stopped';
  if (!isAlive(record)) return 'stopped';
  return isNotifySocketHeld(dir) ? 'created' : 'running';
}

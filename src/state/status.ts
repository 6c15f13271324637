import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerStatus } from '../config/names/container-statuses.ts';
import { failedWith } from '../errors/syscall-error.ts';
import { flock, LOCK_NB, LOCK_SH } from '../syscalls/flock.ts';
import { isAlive } from './process-stat.ts';
import type { ContainerRecord } from './record.ts';
import { INIT_LOCK, NOTIFY_SOCKET } from './store.ts';

/** A container's status (runtime.md, State), as the kernel tells it: nothing recorded can go stale. */
export function statusOf(record: ContainerRecord, dir: string): ContainerStatus {
  if (record.initPid === 0) return isBeingCreated(dir) ? 'creating' : 'stopped';
  if (!isAlive(record.initPid, record.initStartTime)) return 'stopped';
  return isWaitingForStart(dir) ? 'created' : 'running';
}

/** init holds its lock until exec; the socket's file goes away with `start`, which spares the look. */
function isWaitingForStart(dir: string): boolean {
  return existsSync(join(dir, NOTIFY_SOCKET)) && isLocked(join(dir, INIT_LOCK));
}

/** The runtime holds the same lock from the first moment on. */
export function isBeingCreated(dir: string): boolean {
  return isLocked(join(dir, INIT_LOCK));
}

function isLocked(file: string): boolean {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return false;
  }
  try {
    flock(fd, LOCK_SH | LOCK_NB);
    return false;
  } catch (error) {
    if (failedWith(error, 'EWOULDBLOCK', 'EAGAIN')) return true;
    throw error;
  } finally {
    closeSync(fd);
  }
}

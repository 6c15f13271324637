import { readFileSync } from 'node:fs';
import { atPath } from '../errors/node-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { hasEnded, readProcessStat } from './process-stat.ts';
import type { ContainerRecord } from './record.ts';

/** Identifies a container's init: another process may have its pid later, or after a reboot. */
export type InitProcess = Pick<ContainerRecord, 'initPid' | 'initStartTime' | 'bootId'>;

/** Identifies the process with this pid. Throws when there is none. */
export function identify(pid: number): InitProcess {
  const stat = readProcessStat(pid);
  if (!stat) throw new Error(`process ${pid} is gone`);
  const boot = bootId();
  return { initPid: pid, initStartTime: stat.startTime, ...(boot && { bootId: boot }) };
}

/** True while init exists, even as a zombie. */
export const exists = (init: InitProcess): boolean => statOf(init) !== undefined;

/** True while init exists and is no zombie. */
export function isAlive(init: InitProcess): boolean {
  const stat = statOf(init);
  return stat !== undefined && !hasEnded(stat);
}

function statOf({ initPid, initStartTime, bootId: recorded }: InitProcess) {
  const stat = initPid > 0 ? readProcessStat(initPid) : undefined;
  if (stat?.startTime !== initStartTime) return undefined;
  // Nothing is recorded by an older davit, or where the kernel offers no boot id.
  return recorded === undefined || recorded === bootId() ? stat : undefined;
}

let known: string | undefined;

/** random(4). Read once: it cannot change while this process lives. */
function bootId(): string | undefined {
  const path = '/proc/sys/kernel/random/boot_id';
  try {
    known ??= atPath(path, () => readFileSync(path, 'latin1')).trim();
    return known;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

import { closeSync } from 'node:fs';
import { hasErrno, unlessRefused } from '../errors/syscall-error.ts';
import { exists } from '../state/init-process.ts';
import type { ContainerRecord } from '../state/record.ts';
import { pidfdOpen } from '../syscalls/task/pidfd.ts';

/**
 * A pidfd of a container's init, the caller's to close; undefined when init is gone. A zombie is
 * not gone, unless `there` says so.
 */
export function openInit(record: ContainerRecord, there = exists): number | undefined {
  const pidfd = openPid(record.initPid);
  if (pidfd === undefined) return undefined;
  // Checked after the open: a pidfd stays with its process, the pid alone may go to another.
  if (there(record)) return pidfd;
  closeSync(pidfd);
  return undefined;
}

/** The same, but -1 where pidfd_open(2) is refused. */
export const tryOpenInit = (record: ContainerRecord): number | undefined =>
  unlessRefused(
    () => openInit(record),
    () => -1,
  );

function openPid(pid: number): number | undefined {
  if (pid <= 0) return undefined;
  try {
    return pidfdOpen(pid);
  } catch (error) {
    if (hasErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
}

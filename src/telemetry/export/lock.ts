import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { failedWith } from '../../errors/syscall-error.ts';
import { flock, LOCK_EX, LOCK_NB } from '../../syscalls/flock.ts';
import { exportDirectory } from './state.ts';

const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;

/** Holds the store for one exporter, until its process ends at the latest. */
export interface ExportLock {
  release(): void;
}

/** Undefined while another exporter has it. */
export function lockExport(directory: string): ExportLock | undefined {
  mkdirSync(exportDirectory(directory), { recursive: true, mode: 0o700 });
  const fd = openSync(lockFile(directory), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  if (take(fd)) return { release: () => closeSync(fd) };
  closeSync(fd);
  return undefined;
}

/** True while an exporter is at work on the store, which will find what is stored by now. */
export function isExporting(directory: string): boolean {
  let fd: number;
  try {
    fd = openSync(lockFile(directory), O_RDWR | O_NOFOLLOW);
  } catch {
    return false;
  }
  try {
    return !take(fd);
  } finally {
    closeSync(fd);
  }
}

const lockFile = (directory: string): string => `${exportDirectory(directory)}/lock`;

function take(fd: number): boolean {
  try {
    flock(fd, LOCK_EX | LOCK_NB);
    return true;
  } catch (error) {
    if (failedWith(error, 'EAGAIN')) return false;
    throw error;
  }
}

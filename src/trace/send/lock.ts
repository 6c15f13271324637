import { closeSync, constants, openSync } from 'node:fs';
import { lockedOrClosed } from '../../syscalls/files/flock.ts';
import { makeDirectories } from '../../syscalls/files/make-directories.ts';
import { exportDirectory } from './state.ts';

const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;

/** Locks a store for one exporter, until the last process that has the fd closes it or ends. */
export class ExportLock {
  readonly fd: number;

  /** `fd`: what {@link lockExport} opened, here or in the process that started this one. */
  constructor(fd: number) {
    this.fd = fd;
  }

  release(): void {
    closeSync(this.fd);
  }
}

/** Undefined while another exporter holds the lock: that one also sends what is stored by now. */
export function lockExport(directory: string): ExportLock | undefined {
  const fd = lockedOrClosed(openLock(directory));
  return fd === undefined ? undefined : new ExportLock(fd);
}

function openLock(directory: string): number {
  const own = exportDirectory(directory);
  makeDirectories(own, 0o700);
  return openSync(`${own}/lock`, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
}

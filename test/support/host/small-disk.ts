import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hasErrno } from '../../../src/errors/syscall-error.ts';

/** Makes the directory `path` with a file system of 1 MiB. */
export function smallDisk(path: string): Disposable {
  mkdirSync(path);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]);
  assert.equal(mounted.status, 0, String(mounted.stderr));
  return { [Symbol.dispose]: () => spawnSync('umount', [path]) };
}

/** Makes a file that fills the file system. */
export function fillDisk(path: string): void {
  const fd = openSync(path, 'wx');
  try {
    for (const page = Buffer.alloc(4096); ; ) writeSync(fd, page);
  } catch (error) {
    if (!hasErrno(error, 'ENOSPC')) throw error;
  } finally {
    closeSync(fd);
  }
}

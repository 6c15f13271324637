import { renameSync, writeFileSync } from 'node:fs';
import { atPath } from '../errors/node-error.ts';
import { failedWith } from '../errors/syscall-error.ts';
import { removeFile } from './remove.ts';

/** Where a file is written before it takes its place, and with which mode. */
export interface WriteWholeOptions {
  /** A path in the same directory. */
  temporary: string;
  /** Less the umask. */
  mode: number;
}

/**
 * Writes a file whole or not at all, whenever this process is killed. It is a new file in any case:
 * to a directory where others may write, somebody may have brought a symlink of that name.
 */
export function writeWhole(
  file: string,
  text: string,
  { temporary, mode }: WriteWholeOptions,
): void {
  const write = () => atPath(file, () => writeFileSync(temporary, text, { mode, flag: 'wx' }));
  try {
    write();
  } catch (error) {
    if (!failedWith(error, 'EEXIST')) throw error;
    removeFile(temporary);
    write();
  }
  renameSync(temporary, file);
}

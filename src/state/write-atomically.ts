import { renameSync, writeFileSync } from 'node:fs';
import { atPath } from '../errors/node-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { removeFile } from './remove.ts';

/** The file that is written first and then renamed. */
interface TemporaryFile {
  /** A path in the same directory. */
  temporary: string;
  /** The umask applies. */
  mode: number;
  /** fsync(2) before the rename: a power failure leaves the old file or the new one. */
  flush?: boolean;
}

/**
 * Writes a file completely or not at all, even if this process is killed. The temporary file is
 * always a new one: where others may write to the directory, its name may be a symlink that they
 * made. Errors name `file`, not the temporary one.
 */
export function writeAtomically(
  file: string,
  content: string | Uint8Array,
  { temporary, mode, flush = false }: TemporaryFile,
): void {
  const options = { mode, flag: 'wx', flush };
  const write = () => atPath(file, () => writeFileSync(temporary, content, options));
  try {
    try {
      write();
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
      removeFile(temporary);
      write();
    }
    renameSync(temporary, file);
  } catch (error) {
    throw Object.assign(error as Error, { path: file, dest: undefined });
  }
}

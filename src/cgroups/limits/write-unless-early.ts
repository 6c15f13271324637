import type { Int64 } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { writeFile } from '../files.ts';
import { isSet } from './controller.ts';

/**
 * Writes the value of a field. True when the kernel refuses the value as long as the new `other` is
 * not written: the caller then writes it again.
 */
export function writeUnlessEarly(
  field: string,
  dir: string,
  file: string,
  value: Int64,
  other: Int64 | undefined,
): boolean {
  return atField(field, () => {
    try {
      writeFile(dir, file, String(value));
      return false;
    } catch (error) {
      if (hasErrno(error, 'EINVAL') && isSet(other)) return true;
      throw error;
    }
  });
}

import { constants } from 'node:fs';
import { openat } from '../../syscalls/files/file.ts';
import { NAMESPACES } from '../../syscalls/task/namespaces.ts';

/** In the helper: an fd of its namespace of the type that CLONE_NEW* `flag` names. */
export function openOwnNamespace(procfs: number, flag: number): number {
  const { file } = Object.values(NAMESPACES).find((namespace) => namespace.flag === flag)!;
  return openat(procfs, `thread-self/ns/${file}`, constants.O_RDONLY);
}

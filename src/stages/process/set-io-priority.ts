import type { Process } from '../../config/types.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { ioprioSet } from '../../syscalls/task/ioprio.ts';

/** Sets process.ioPriority. */
export function setIoPriority({ process }: InitContext): void {
  applyIoPriority(process);
}

/** Sets the calling process's I/O priority. */
export function applyIoPriority({ ioPriority }: Process): void {
  if (!ioPriority) return;
  atField('process.ioPriority', () => ioprioSet(ioPriority.class, ioPriority.priority ?? 0));
}

import type { InitContext } from '../../context/init-context.ts';
import { setNoNewPrivs } from '../../syscalls/task/prctl.ts';

/** process.noNewPrivileges, which survives exec. */
export function setNoNewPrivileges({ process }: InitContext): void {
  if (process.noNewPrivileges) setNoNewPrivs();
}

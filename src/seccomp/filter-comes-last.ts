import type { Spec } from '../config/types.ts';

/**
 * True where the trampoline installs the filter right before execve: the filter then has to allow
 * no other call. Without noNewPrivileges, installing needs CAP_SYS_ADMIN, which no process that
 * waits for `start` may have: the filter comes before the wait. startContainer hooks run under it,
 * as in runc.
 */
export const filterComesLast = ({ process, hooks }: Spec): boolean =>
  process?.noNewPrivileges === true && !hooks?.startContainer?.length;

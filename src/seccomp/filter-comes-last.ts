import type { Spec } from '../config/types.ts';

/**
 * True where the trampoline installs the filter as the last call but execve, so that the filter has
 * to allow no more than that. Without noNewPrivileges it takes CAP_SYS_ADMIN, which nothing that waits
 * for its start may have: the filter comes before that. startContainer hooks run under it, as in runc.
 */
export const filterComesLast = ({ process, hooks }: Spec): boolean =>
  process?.noNewPrivileges === true && !hooks?.startContainer?.length;

import { keepsOriginalGroups } from '../../config/crun-annotations.ts';
import type { InitContext } from '../../context/init-context.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import {
  enterTimeNamespace,
  makeTimeNamespace,
  timeOffsets,
} from '../../namespaces/time-namespace.ts';
import { setgroups, setresgid, setresuid } from '../../syscalls/rights/credentials.ts';
import { CLONE_NEWIPC, unshare } from '../../syscalls/task/namespaces.ts';

/**
 * Becomes root of the user namespace, and makes the namespaces that a new one has to own: see
 * planNamespaces. Until then init has the ids of davit's caller.
 */
export function enterUserNamespace(ctx: InitContext): void {
  const { spec } = ctx;
  const { namespaces = [] } = spec.linux ?? {};
  const makes = (type: string): boolean =>
    namespaces.some((namespace) => namespace.type === type && !namespace.path);
  const offsets = timeOffsets(spec);
  // Before becomeRoot: after it, init no longer owns its own files in /proc.
  if (makes('user') && makes('time') && offsets) {
    makeTimeNamespace(offsets);
    enterTimeNamespace();
  }
  becomeRoot(ctx);
  if (makes('user') && makes('ipc')) unshare(CLONE_NEWIPC);
}

/** Becomes root of the user namespace that the process is in. */
export function becomeRoot({ spec, unprivileged }: InitContext): void {
  // An ordinary user keeps its groups: the bundle may be open to one of them only. Root drops the
  // groups of the host's root.
  if (!unprivileged && !keepsOriginalGroups(spec)) leaveGroups();
  setresgid(0, 0, 0);
  setresuid(0, 0, 0);
}

function leaveGroups(): void {
  try {
    setgroups([]);
  } catch (error) {
    // user_namespaces(7): where an unprivileged user wrote the map, setgroups is denied.
    if (!hasErrno(error, 'EPERM')) throw error;
  }
}

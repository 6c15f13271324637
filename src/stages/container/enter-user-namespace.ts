import { keepsOriginalGroups } from '../../config/crun-annotations.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import {
  enterTimeNamespace,
  makeTimeNamespace,
  timeOffsets,
} from '../../process/time-namespace.ts';
import { setgroups, setresgid, setresuid } from '../../syscalls/credentials.ts';
import { CLONE_NEWIPC, unshare } from '../../syscalls/namespaces.ts';

/** Becomes root of the user namespace: until now init has the ids of whoever called davit. */
export function enterUserNamespace({ spec, unprivileged }: InitContext): void {
  const { namespaces = [] } = spec.linux ?? {};
  const makes = (type: string): boolean =>
    namespaces.some((namespace) => namespace.type === type && !namespace.path);
  const offsets = timeOffsets(spec);
  // While init still owns its own files in /proc. Left out of the fork: see planNamespaces.
  if (makes('user') && makes('time') && offsets) {
    makeTimeNamespace(offsets);
    enterTimeNamespace();
  }
  // An ordinary user may reach the bundle by a group only; root's groups are the host's root's.
  if (!unprivileged && !keepsOriginalGroups(spec)) leaveGroups();
  setresgid(0, 0, 0);
  setresuid(0, 0, 0);
  if (makes('user') && makes('ipc')) unshare(CLONE_NEWIPC);
}

function leaveGroups(): void {
  try {
    setgroups([]);
  } catch (error) {
    // user_namespaces(7): where an unprivileged user wrote the map, setgroups is denied.
    if (!failedWith(error, 'EPERM')) throw error;
  }
}

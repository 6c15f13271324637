import { keepsOriginalGroups } from '../../config/crun-annotations.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { readProcFile } from '../../rootfs/procfs.ts';
import { setgid, setgroups, setuid } from '../../syscalls/rights/credentials.ts';
import { fixStdioOwnership } from '../../terminal/stdio.ts';

/** Becomes process.user: groups, gid, uid. Capabilities change as in capabilities(7). */
export function setCredentials(ctx: InitContext): void {
  const { user } = ctx.process;
  fixStdioOwnership(user.uid);
  if (!keepsOriginalGroups(ctx.spec)) {
    atField('process.user.additionalGids', () => setAdditionalGroups(ctx));
  }
  atField('process.user.gid', () => become('gid', user.gid, setgid));
  atField('process.user.uid', () => become('uid', user.uid, setuid));
}

function setAdditionalGroups({ process, procfs, unprivileged }: InitContext): void {
  const groups = process.user.additionalGids ?? [];
  if (setgroupsAllowed(procfs)) setgroups(groups);
  // As in runc, for root of a user namespace (Podman) the groups are left out; for an ordinary user
  // they are an error.
  else if (unprivileged && groups.length > 0) throw new Error(NO_GROUPS);
}

const NO_GROUPS = 'cannot set any additional groups in a rootless container';

function become(kind: 'uid' | 'gid', id: number, set: (id: number) => number): void {
  try {
    set(id);
  } catch (error) {
    if (!hasErrno(error, 'EINVAL')) throw error;
    throw Object.assign(
      new Error(`cannot set${kind} to unmapped ${kind} ${id} in user namespace`),
      { code: 'EINVAL', syscall: `set${kind}` },
    );
  }
}

/** user_namespaces(7): in an unprivileged user's namespace, `deny`. No file before Linux 3.19. */
function setgroupsAllowed(procfs: number): boolean {
  try {
    return readProcFile(procfs, 'self/setgroups').trim() !== 'deny';
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return true;
    throw error;
  }
}

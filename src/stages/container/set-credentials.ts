import type { Process } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import { readProcFile } from '../../process/procfs.ts';
import { fixStdioOwnership } from '../../process/stdio.ts';
import { setgid, setgroups, setuid } from '../../syscalls/credentials.ts';

/** Becomes process.user: groups, gid, uid. Capabilities go by capabilities(7). `procfs` is a handle. */
export function setCredentials({ user }: Process, procfs: number): void {
  fixStdioOwnership(user.uid);
  if (setgroupsAllowed(procfs)) {
    atField('process.user.additionalGids', () => setgroups(user.additionalGids ?? []));
  }
  atField('process.user.gid', () => become('gid', user.gid, setgid));
  atField('process.user.uid', () => become('uid', user.uid, setuid));
}

function become(kind: 'uid' | 'gid', id: number, set: (id: number) => number): void {
  try {
    set(id);
  } catch (error) {
    if (!failedWith(error, 'EINVAL')) throw error;
    throw Object.assign(
      new Error(`cannot set${kind} to unmapped ${kind} ${id} in user namespace`),
      { code: 'EINVAL', syscall: `set${kind}` },
    );
  }
}

/** user_namespaces(7): an unprivileged user's namespace says `deny`. A kernel before 3.19 has no such file. */
function setgroupsAllowed(procfs: number): boolean {
  try {
    return readProcFile(procfs, 'self/setgroups').trim() !== 'deny';
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return true;
    throw error;
  }
}

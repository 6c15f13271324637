import { fstatSync } from 'node:fs';
import type { Process } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import { readProcFile } from '../../process/procfs.ts';
import { setgid, setgroups, setuid } from '../../syscalls/credentials.ts';
import { fchown, makedev } from '../../syscalls/file.ts';

/** Major and minor of /dev/null (Documentation/admin-guide/devices.txt). */
const DEV_NULL = makedev(1, 3);

export interface CredentialsOptions {
  /** A procfs handle. */
  procfs: number;
  /** An ordinary user's davit may not set groups. */
  rootless: boolean;
}

/** Becomes process.user: groups, gid, uid. Capabilities go by capabilities(7). */
export function setCredentials({ user }: Process, { procfs, rootless }: CredentialsOptions): void {
  giveStdio(user.uid);
  if (!rootless && setgroupsAllowed(procfs)) {
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

/** Makes the user the owner of what stdio is open on, so that it can open it again (a terminal, a pipe). */
function giveStdio(uid: number): void {
  for (const fd of [0, 1, 2]) {
    const stat = fstatSync(fd, { bigint: true });
    if (stat.uid === BigInt(uid) || (stat.isCharacterDevice() && stat.rdev === DEV_NULL)) continue;
    try {
      // -1: its group is no business of ours.
      fchown(fd, uid, 0xffffffff);
    } catch (error) {
      // The owner is not mapped in our user namespace, or the file system is read-only. An unmapped
      // uid (EINVAL) is what setuid says better.
      if (!failedWith(error, 'EPERM', 'EROFS', 'EINVAL')) throw error;
    }
  }
}

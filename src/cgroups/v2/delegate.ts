import { chownSync, readFileSync } from 'node:fs';
import { hasErrno } from '../../errors/syscall-error.ts';
import { fileError } from '../files.ts';

/** Gives a v2 cgroup to a user: Documentation/admin-guide/cgroup-v2.rst, "Delegation". */
export function delegate(dir: string, uid: number): void {
  const files = readFileSync('/sys/kernel/cgroup/delegate', 'utf8').split('\n').filter(Boolean);
  for (const path of [dir, ...files.map((file) => `${dir}/${file}`)]) {
    try {
      chownSync(path, uid, -1);
    } catch (error) {
      // ENOENT: a file of a controller that the cgroup lacks. EPERM: davit may not change owners.
      if (!hasErrno(error, 'ENOENT', 'EPERM'))
        throw fileError(error, 'chown', `chown ${path} to ${uid}`);
    }
  }
}

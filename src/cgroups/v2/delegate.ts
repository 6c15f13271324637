import { chownSync, readFileSync } from 'node:fs';
import { failedWith } from '../../errors/syscall-error.ts';
import { fileError } from '../files.ts';

/** Gives a v2 cgroup to a user, as "Delegation" in Documentation/admin-guide/cgroup-v2.rst has it. */
export function delegate(dir: string, uid: number): void {
  const files = readFileSync('/sys/kernel/cgroup/delegate', 'utf8').split('\n').filter(Boolean);
  for (const path of [dir, ...files.map((file) => `${dir}/${file}`)]) {
    try {
      chownSync(path, uid, -1);
    } catch (error) {
      // A controller that the cgroup does not have, or somebody who may not give away what is his.
      if (!failedWith(error, 'ENOENT', 'EPERM'))
        throw fileError(error, 'chown', `chown ${path} to ${uid}`);
    }
  }
}

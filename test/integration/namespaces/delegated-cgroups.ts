import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import type { TestContext } from 'node:test';
import { chownTree } from '../../support/host/chown-tree.ts';
import type { User } from '../../support/host/user.ts';
import { hierarchies } from '../../support/run/leftovers.ts';

/**
 * Gives a user a cgroup of the same name in every hierarchy. Returns its path. Removed after the
 * test with everything in it.
 */
export function delegateCgroups(t: TestContext, { uid, gid }: User): string {
  const path = `/${basename(tmpdir())}-delegated-${randomBytes(4).toString('hex')}`;
  const tops = hierarchies().filter((top) => /^\/sys\/fs\/cgroup\/[^/]+$/.test(top));
  t.after(() => {
    for (const top of tops) rmdirSync(top + path);
  });
  for (const top of tops) {
    mkdirSync(top + path);
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (!existsSync(`${top}/${file}`)) continue;
      writeFileSync(`${top}${path}/${file}`, readFileSync(`${top}/${file}`));
    }
    chownTree(top + path, uid, gid);
  }
  return path;
}

/** True if the machine has cgroup v1 below /sys/fs/cgroup. */
export const hasCgroupV1 = (): boolean => existsSync('/sys/fs/cgroup/pids');

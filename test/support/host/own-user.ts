import { accessSync, constants, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from '../command.ts';
import type { User } from './user.ts';

/** The user who runs the tests, if that is an ordinary user. */
export function ownUser(): User | undefined {
  if (process.geteuid!() === 0) return undefined;
  const { username: name, uid, gid, homedir: home } = userInfo();
  const runtimeDir = process.env.XDG_RUNTIME_DIR ?? `/run/user/${uid}`;
  const ranges = readFileSync('/etc/subuid', 'utf8').split('\n');
  const range = ranges.find((line) => line.startsWith(`${name}:`))?.split(':');
  const run: User['run'] = (command, args, options = {}) =>
    runCommand(command, args, {
      ...options,
      env: { HOME: home, USER: name, XDG_RUNTIME_DIR: runtimeDir, ...options.env },
    });
  return { name, uid, gid, home, runtimeDir, subId: Number(range?.[1]), run };
}

/** True if containers of the user get a cgroup beside the tests' own. */
export function isDelegated(): boolean {
  try {
    const own = /^0::(.+)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))![1]!;
    accessSync(join('/sys/fs/cgroup', dirname(own), 'cgroup.procs'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

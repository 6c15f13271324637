import { closeSync, readSync, writeSync } from 'node:fs';
import { type Forked, fork } from '../init/fork/fork.ts';
import { setCloseOnExec } from '../syscalls/files/fcntl.ts';
import { pipe2 } from '../syscalls/files/pipe.ts';
import { setgid, setgroups, setuid } from '../syscalls/rights/credentials.ts';
import { SIGSET_SIZE, setSignalMask } from '../syscalls/signal/signals.ts';
import { execve } from '../syscalls/task/exec.ts';
import { CLONE_NEWUSER } from '../syscalls/task/namespaces.ts';
import { exitNow } from '../syscalls/task/process.ts';
import { type IdMaps, writeIdMaps } from './id-maps.ts';

/**
 * Executes a program with this process's stdio, as root of a new user namespace with these maps.
 */
export function forkMapped(
  maps: IdMaps,
  argv: readonly [path: string, ...args: string[]],
  env: readonly string[],
): Forked {
  using fds = new DisposableStack();
  const [mapped, tell] = pipe2();
  fds.adopt(mapped, closeSync);
  const tellEnd = fds.adopt(tell, closeSync);
  const child = fork(CLONE_NEWUSER, () => {
    closeSync(tellEnd);
    // Nothing to read: the parent could not write the maps.
    if (readSync(mapped, new Uint8Array(1)) !== 1) exitNow(1);
    setgroups([]);
    setgid(0);
    setuid(0);
    for (const stdio of [0, 1, 2]) setCloseOnExec(stdio, false);
    setSignalMask(Buffer.alloc(SIGSET_SIZE));
    execve(argv[0], argv, env);
  });
  writeIdMaps(child.pid, maps);
  writeSync(tellEnd, '1');
  return child;
}

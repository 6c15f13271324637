import { closeSync, openSync } from 'node:fs';
import { fork } from '../init/fork/fork.ts';
import { CLONE_NEWUSER } from '../syscalls/task/namespaces.ts';
import { waitpid } from '../syscalls/task/process.ts';
import { sleepSync } from '../syscalls/time/sleep.ts';
import { type IdMaps, writeIdMaps } from './id-maps.ts';

/** Returns an fd of a new user namespace with these maps and no process in it. */
export function makeUserNamespace(maps: IdMaps): number {
  const holder = fork(CLONE_NEWUSER, () => {
    for (;;) sleepSync();
  });
  try {
    writeIdMaps(holder.pid, maps);
    return openSync(`/proc/${holder.pid}/ns/user`, 'r');
  } finally {
    process.kill(holder.pid, 'SIGKILL');
    waitpid(holder.pid);
    closeSync(holder.pidfd);
  }
}

import { closeSync, openSync } from 'node:fs';
import { CLONE_NEWUSER } from '../syscalls/namespaces.ts';
import { waitpid } from '../syscalls/process.ts';
import { sleepSync } from '../syscalls/sleep.ts';
import { fork } from './fork/fork.ts';
import { type IdMaps, writeIdMaps } from './id-maps.ts';

/** An fd of a new user namespace with these maps and no process in it; the caller's to close. */
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

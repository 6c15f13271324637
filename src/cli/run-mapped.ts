import { closeSync } from 'node:fs';
import { environ } from '../caller/environ.ts';
import { defaultIdMaps } from '../namespaces/default-id-maps.ts';
import { forkMapped } from '../namespaces/fork-mapped.ts';
import { watchEnd } from '../syscalls/poll/watch-end.ts';
import { WNOHANG, waitpid } from '../syscalls/task/process.ts';
import { inUserNamespace } from '../syscalls/task/user-namespace.ts';
import type { Invocation } from './invocation.ts';

/** In the environment of a command that {@link runMapped} runs. */
const VARIABLE = 'DAVIT_MAPPED';

/** True in the command that {@link runMapped} runs. */
export const isMapped = ({ environment }: Invocation): boolean =>
  environment[VARIABLE] !== undefined && process.geteuid!() === 0 && inUserNamespace();

/**
 * Runs the same command again, as root of a user namespace with the user's whole range of ids.
 * Returns its exit status; undefined for a user who has no range.
 */
export async function runMapped(invocation: Invocation): Promise<number | undefined> {
  const { davit, args, environment } = invocation;
  const maps = defaultIdMaps({ uid: 0, gid: 0 });
  if (maps.uidMappings.length < 2) return undefined;
  const { pid, pidfd } = forkMapped(
    maps,
    [...davit, ...args],
    [...environ(environment), `${VARIABLE}=1`],
  );
  let status: number | undefined;
  const watch = watchEnd(pidfd, () => {
    status = waitpid(pid, WNOHANG);
    return status !== undefined;
  });
  // The child removes what it has made.
  const forward = (signal: NodeJS.Signals) => process.kill(pid, signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, forward);
  await watch.readable;
  if (pidfd >= 0) closeSync(pidfd);
  return status ?? waitpid(pid);
}

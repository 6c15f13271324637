import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callerEnvironment } from '../caller/caller-environment.ts';
import { environ } from '../caller/environ.ts';
import { LISTEN_FDS_START } from '../caller/listen-fds.ts';
import type { Invocation } from '../cli/invocation.ts';
import { greetingOf, SOCKET_VARIABLE } from '../machine/front/door.ts';
import { ownDirectory } from '../own-files.ts';
import { dup2 } from '../syscalls/files/file.ts';
import type { ReplacementProgram } from '../syscalls/switch/switch.ts';
import { execve } from '../syscalls/task/exec.ts';
import type { Listening } from './listen.ts';

/** The front of the build that is installed now, where this one was. */
export const installedFront = (): string => join(ownDirectory, `davit-${process.arch}`);

/** Whether a build other than `build` has been installed in its place. */
export function isReplaced(build: string): boolean {
  try {
    return !readFileSync(installedFront()).includes(greetingOf(build));
  } catch {
    return false;
  }
}

/**
 * What this process executes when a helper is killed in its turn, which takes the thread of JavaScript
 * with it: the same command, which makes its socket anew. Undefined if the socket was passed: then the
 * service manager starts another server.
 */
export const startedAnew = (
  { args, environment }: Invocation,
  { isPassed }: Listening,
): ReplacementProgram | undefined =>
  isPassed
    ? undefined
    : {
        ...{ path: installedFront(), argv: ['davit', ...args] },
        env: environ(callerEnvironment(environment)),
      };

/**
 * Executes the installed build in this process, with the same arguments, and passes the listening
 * socket on as a service manager does: fronts that connect meanwhile wait for it.
 */
export function executeInstalled(
  { args, environment }: Invocation,
  { fd, path }: Listening,
): never {
  dup2(fd, LISTEN_FDS_START);
  const passed = { LISTEN_FDS: '1', LISTEN_PID: String(process.pid), [SOCKET_VARIABLE]: path };
  const env = environ({ ...callerEnvironment(environment), ...passed });
  execve(installedFront(), ['davit', ...args], env);
}

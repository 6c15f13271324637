import type { Environment } from '../config/environment.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { SOCKET_VARIABLE, SYSTEM_SOCKET, USER_SOCKET } from '../machine/front/door.ts';

/** The path of the server's socket, as the front finds it. */
export function socketPath(environment: Environment): string {
  const given = environment[SOCKET_VARIABLE];
  if (given !== undefined) {
    if (given.startsWith('/')) return given;
    throw new RuntimeError(`${SOCKET_VARIABLE} is ${JSON.stringify(given)}: not an absolute path`);
  }
  if (process.geteuid!() === 0) return SYSTEM_SOCKET;
  const { XDG_RUNTIME_DIR } = environment;
  if (XDG_RUNTIME_DIR?.startsWith('/')) return XDG_RUNTIME_DIR + USER_SOCKET;
  throw new RuntimeError(
    `there is no place for a socket: set XDG_RUNTIME_DIR, or ${SOCKET_VARIABLE}`,
  );
}

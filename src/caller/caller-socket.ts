import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { connectUnix, SOCK_STREAM } from '../syscalls/network/socket.ts';
import { atSocketPath } from '../syscalls/network/socket-path.ts';

/** sizeof(sun_path) less its NUL, sys/un.h. */
const MAX_PATH = 107;

/**
 * Connects to the AF_UNIX socket that `option` (`--console-socket`) names: an absolute path of any
 * length, or `@` and an abstract name. Throws {@link RuntimeError} naming option and path.
 */
export function connectCallerSocket(option: string, path: string, type = SOCK_STREAM): number {
  try {
    if (path.startsWith('@')) return connectUnix(type, `\0${path.slice(1)}`);
    if (Buffer.byteLength(path) <= MAX_PATH) return connectUnix(type, path);
    return atSocketPath(dirname(path), basename(path), (short) => connectUnix(type, short));
  } catch (error) {
    throw new RuntimeError(`${option} ${path}: ${reason(path, error)}`);
  }
}

/** connect(2) gives ECONNREFUSED for a file that is no socket and for a socket without listener. */
function reason(path: string, error: unknown): string {
  if (hasErrno(error, 'ENOENT')) return 'no such file or directory';
  if (!hasErrno(error, 'ECONNREFUSED')) return (error as Error).message;
  const isSocket = path.startsWith('@') || statSync(path, { throwIfNoEntry: false })?.isSocket();
  return isSocket ? 'connection refused: nobody listens on it' : 'connection refused: not a socket';
}

import { closeSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrno } from '../errors/syscall-error.ts';
import { withUmask } from '../syscalls/files/with-umask.ts';
import { bindUnix, connectUnix, SOCK_DGRAM } from '../syscalls/network/socket.ts';
import { atSocketPath } from '../syscalls/network/socket-path.ts';

/** The part of the state directory that is bind-mounted into the container. */
export const READINESS_DIRECTORY = 'notify';
/** The file in it that is the NOTIFY_SOCKET of the container's program. Both names are runc's. */
export const READINESS_SOCKET = 'notify.sock';

/** Makes the directory, which every user of the container may enter. Returns its path. */
export function makeReadinessDirectory(stateDir: string): string {
  const directory = join(stateDir, READINESS_DIRECTORY);
  withUmask(0o022, () => mkdirSync(directory));
  return directory;
}

/** Binds the socket, to which every user of the container may send; the fd receives. */
export function bindReadinessSocket(stateDir: string): number {
  return atSocketPath(join(stateDir, READINESS_DIRECTORY), READINESS_SOCKET, (path) => {
    if (isStale(path)) rmSync(path);
    return withUmask(0, () => bindUnix(SOCK_DGRAM, path));
  });
}

/** True when the davit that had bound the socket was killed. */
function isStale(path: string): boolean {
  try {
    closeSync(connectUnix(SOCK_DGRAM, path));
    return false;
  } catch (error) {
    return hasErrno(error, 'ECONNREFUSED');
  }
}

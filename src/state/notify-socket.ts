import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrno } from '../errors/syscall-error.ts';
import { withUmask } from '../syscalls/files/with-umask.ts';
import {
  connectUnix,
  listensOtherwise,
  listenUnix,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../syscalls/network/socket.ts';
import { atSocketPath } from '../syscalls/network/socket-path.ts';
import { removeFile } from './remove.ts';

/** The socket that `davit start` connects to. init keeps it until it executes the program. */
export const NOTIFY_SOCKET = 'notify.sock';

/** Makes the socket; the fd listens. No other user may connect, whatever the caller's umask. */
export const listenForStart = (stateDir: string): number =>
  withUmask(0o177, () => below(stateDir, (path) => listenUnix(SOCK_SEQPACKET, path)));

/** Connects to init, which waits to be started. */
export const connectToNotify = (stateDir: string): number =>
  below(stateDir, (path) => connectUnix(SOCK_SEQPACKET, path));

/** Without the socket, statusOf knows that the container runs, and need not try to connect. */
export const removeNotifySocket = (stateDir: string): void =>
  removeFile(join(stateDir, NOTIFY_SOCKET));

/**
 * True while a process has the socket open: the runtime from the first moment on, init until exec.
 * connect(2) with another socket type then fails with EPROTOTYPE, which that process does not
 * notice. Later it fails with ECONNREFUSED.
 */
export function isNotifySocketHeld(stateDir: string): boolean {
  if (!existsSync(join(stateDir, NOTIFY_SOCKET))) return false;
  try {
    return below(stateDir, (path) => listensOtherwise(SOCK_STREAM, path));
  } catch (error) {
    // The directory has been removed meanwhile.
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

const below = <T>(stateDir: string, action: (path: string) => T): T =>
  atSocketPath(stateDir, NOTIFY_SOCKET, action);

import {
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { countListenFds, LISTEN_FDS_START } from '../caller/listen-fds.ts';
import type { Environment } from '../config/environment.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { trustedPath } from '../state/trusted-path.ts';
import { closedOnFailure } from '../syscalls/files/closed-on-failure.ts';
import { setCloseOnExec, setFileFlags } from '../syscalls/files/fcntl.ts';
import { lockedOrClosed } from '../syscalls/files/flock.ts';
import { makeDirectories } from '../syscalls/files/make-directories.ts';
import { withUmask } from '../syscalls/files/with-umask.ts';
import { listenUnix, SOCK_NONBLOCK, SOCK_SEQPACKET } from '../syscalls/network/socket.ts';
import { isListening, unixPathOf } from '../syscalls/network/socket-options.ts';
import { socketPath } from './socket-path.ts';

const BACKLOG = 4096;
const OPEN_FDS = '/proc/self/fd/';

/** A socket that fronts connect to. */
export interface Listening {
  fd: number;
  path: string;
  /** True where a service manager has made it. */
  isPassed: boolean;
  /** Removes the socket, where this process has made it. */
  close(): void;
}

/**
 * Makes the socket `path`, which only its owner may open, in a directory that nobody else can
 * write to or replace. Throws if another server listens there.
 */
export function listenAt(path: string): Listening {
  makeDirectories(dirname(path), 0o1711);
  const directory = openOwnDirectory(dirname(path));
  const within = `${OPEN_FDS}${directory}/${basename(path)}`;
  lock(within, path);
  removeSocket(within, path);
  // The socket gets its name only once somebody listens on it.
  removeSocket(`${within}.new`, path);
  const fd = withUmask(0o177, () =>
    listenUnix(SOCK_SEQPACKET | SOCK_NONBLOCK, `${within}.new`, BACKLOG),
  );
  renameSync(`${within}.new`, within);
  return { fd, path, isPassed: false, close: () => removeSocket(within, path) };
}

/**
 * The socket that a service manager has made and passed on, by sd_listen_fds(3). Undefined if there
 * is none. Throws for one that others may open, or that is no listening SOCK_SEQPACKET socket.
 */
export function listenOnPassed(environment: Environment): Listening | undefined {
  const count = countListenFds(environment, process.pid);
  if (count === 0) return undefined;
  if (count > 1 || !isListening(LISTEN_FDS_START, SOCK_SEQPACKET)) {
    throw new RuntimeError(
      `${count} sockets were passed: one listening socket of type SOCK_SEQPACKET is expected`,
    );
  }
  const bound = unixPathOf(LISTEN_FDS_START);
  // From a server that has executed this build: bound relative to a directory that was open there.
  const path = bound.startsWith(OPEN_FDS) ? socketPath(environment) : bound;
  const directory = openOwnDirectory(dirname(path));
  lock(`${OPEN_FDS}${directory}/${basename(path)}`, path);
  const { uid, mode } = lstatSync(path);
  if (uid !== process.geteuid!() || (mode & 0o077) !== 0) {
    throw new RuntimeError(`the socket ${path} must be yours alone`, 'set SocketMode=0600');
  }
  setCloseOnExec(LISTEN_FDS_START, true);
  setFileFlags(LISTEN_FDS_START, constants.O_NONBLOCK);
  return { fd: LISTEN_FDS_START, path, isPassed: true, close: () => {} };
}

/** Opens a directory and judges what it has opened, and all that leads there. */
function openOwnDirectory(path: string): number {
  const { O_RDONLY, O_DIRECTORY } = constants;
  return closedOnFailure(openSync(path, O_RDONLY | O_DIRECTORY), (fd) => {
    trustedPath(readlinkSync(`${OPEN_FDS}${fd}`));
    const { uid, mode } = fstatSync(fd);
    if (uid === process.geteuid!() && (mode & 0o022) === 0) return;
    throw new RuntimeError(
      `${path} must belong to you, and nobody else may write to it`,
      'the server runs commands for whoever opens its socket',
    );
  });
}

/**
 * Takes the lock beside a socket until this process ends. A server that was killed has left its
 * socket, but not the lock.
 */
function lock(socket: string, path: string): void {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  const file = openSync(`${socket}.lock`, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  if (lockedOrClosed(file) !== undefined) return;
  throw new RuntimeError(`a server listens at ${path} already`, 'davit serve --status asks it');
}

/** A file that is not a socket stays: the caller has probably named the wrong path. */
function removeSocket(file: string, path: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new RuntimeError(`${path} exists, and is no socket`);
  unlinkSync(file);
}

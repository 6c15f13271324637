import { sendMessage } from '../syscalls/socket.ts';
import { connectCallerSocket } from './caller-socket.ts';

/** Connects to the caller's --pidfd-socket. */
export function connectPidfdSocket(path: string): number {
  return connectCallerSocket('--pidfd-socket', path);
}

/** Sends the process's pidfd: `standard` for a container's init, `setns` for `exec`. */
export function sendPidfd(socket: number, pidfd: number, kind: 'standard' | 'setns'): void {
  sendMessage(socket, Buffer.from(kind), [pidfd]);
}

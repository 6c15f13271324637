import { sendMessage } from '../syscalls/network/socket.ts';
import { connectCallerSocket } from './caller-socket.ts';

/** Connects to the caller's socket at `path`, given by `option`. */
export const connectPidfdSocket = (path: string, option = '--pidfd-socket'): number =>
  connectCallerSocket(option, path);

/** Sends the process's pidfd: `standard` for a container's init, `setns` for `exec`. */
export function sendPidfd(socket: number, pidfd: number, kind: 'standard' | 'setns'): void {
  sendMessage(socket, Buffer.from(kind), [pidfd]);
}

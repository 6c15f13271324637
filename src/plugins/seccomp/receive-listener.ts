import { closeSync, readFileSync } from 'node:fs';
import type { ContainerProcessState } from '../../config/types.ts';
import { accept, receiveMessage } from '../../syscalls/network/socket.ts';

const MAX_FDS = 8;

/**
 * Receives a runtime's announcement from a listening socket: config-linux.md, Container Process
 * State.
 */
export function receiveListener(socket: number): { fd: number; container: ContainerProcessState } {
  const connection = accept(socket);
  try {
    const { bytes, fds } = receiveMessage(connection, 64 * 1024, MAX_FDS);
    const text = bytes.toString() + readFileSync(connection, 'utf8');
    const container = JSON.parse(text) as ContainerProcessState;
    const fd = fds[container.fds.indexOf('seccompFd')];
    for (const other of fds) if (other !== fd) closeSync(other);
    if (fd === undefined) throw new Error('a container process state without seccompFd');
    return { fd, container };
  } finally {
    closeSync(connection);
  }
}

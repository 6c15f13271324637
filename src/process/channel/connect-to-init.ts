import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { NOTIFY_SOCKET } from '../../state/store.ts';
import { connectUnix, SOCK_SEQPACKET } from '../../syscalls/socket.ts';
import { Channel } from './channel.ts';

/**
 * Connects to the init that waits for `davit start`. Socket paths end at 107 bytes, state
 * directories do not: so through the directory's fd.
 */
export function connectToInit(stateDir: string): Channel {
  const fd = openSync(stateDir, 'r');
  try {
    return new Channel(connectUnix(SOCK_SEQPACKET, join(`/proc/self/fd/${fd}`, NOTIFY_SOCKET)));
  } finally {
    closeSync(fd);
  }
}

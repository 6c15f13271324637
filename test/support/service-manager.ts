import { closeSync, writeSync } from 'node:fs';
import { bindUnix, receiveMessage, SOCK_DGRAM } from '../../src/syscalls/network/socket.ts';

// A service manager at the address given: what it is told, a datagram a line, as JSON. An fd that
// comes with a datagram is closed, which is the answer to BARRIER=1 (sd_notify_barrier(3)).

const [address = ''] = process.argv.slice(2);
const socket = bindUnix(SOCK_DGRAM, address.replace(/^@/, '\0'));
writeSync(1, '"listening"\n');
for (;;) {
  const { bytes, fds } = receiveMessage(socket, 4096, 1);
  writeSync(1, `${JSON.stringify(bytes.toString())}\n`);
  for (const fd of fds) closeSync(fd);
}

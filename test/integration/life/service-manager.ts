import { closeSync, writeSync } from 'node:fs';
import { bindUnix, receiveMessage, SOCK_DGRAM } from '../../../src/syscalls/network/socket.ts';

// A service manager at the given address. Prints each datagram as a line of JSON. Closes the fds
// that come with a datagram, which is the answer to BARRIER=1 (sd_notify_barrier(3)).

const [address = ''] = process.argv.slice(2);
const socket = bindUnix(SOCK_DGRAM, address.replace(/^@/, '\0'));
writeSync(1, '"listening"\n');
for (;;) {
  const { bytes, fds } = receiveMessage(socket, 4096, 1);
  writeSync(1, `${JSON.stringify(bytes.toString())}\n`);
  for (const fd of fds) closeSync(fd);
}

import { closeSync } from 'node:fs';
import { declare } from '../ffi/libc.ts';
import { SOCK_CLOEXEC, SOCK_DGRAM, socket } from './socket.ts';

// linux/sockios.h, linux/if.h
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 0x1;
const IFREQ_SIZE = 40;
const AF_INET = 2;

const ioctl = declare<[number, number, Uint8Array]>(
  'int ioctl(int fd, unsigned long request, _Inout_ void *ifreq)',
  {
    describe: (_fd, request, ifreq) =>
      `${request === SIOCSIFFLAGS ? 'set' : 'get'} flags of interface ${Buffer.from(ifreq).toString('latin1', 0, 16).replace(/\0.*/s, '')}`,
  },
);

/** Brings a network interface of the caller's network namespace up (netdevice(7)). */
export function bringInterfaceUp(name: string): void {
  const ifreq = Buffer.alloc(IFREQ_SIZE);
  ifreq.write(name, 0, 15, 'latin1');
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  try {
    ioctl(fd, SIOCGIFFLAGS, ifreq);
    ifreq.writeUInt16LE(ifreq.readUInt16LE(16) | IFF_UP, 16);
    ioctl(fd, SIOCSIFFLAGS, ifreq);
  } finally {
    closeSync(fd);
  }
}

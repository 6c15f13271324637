import { declare } from '../ffi/libc.ts';

// asm-generic/socket.h
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_PEERCRED = 17;
const SO_ACCEPTCONN = 30;
const SO_PEERPIDFD = 77;

const getsockopt = declare<[number, number, number, Uint8Array, Uint8Array]>(
  'int getsockopt(int sockfd, int level, int optname, void *optval, void *optlen)',
  { describe: (_fd, _level, name) => `getsockopt ${name}` },
);
const getsockname = declare<[number, Uint8Array, Uint8Array]>(
  'int getsockname(int sockfd, void *addr, void *addrlen)',
);

/** Who connected an AF_UNIX socket, as it was at the time (unix(7)). */
interface PeerCredentials {
  /** 0 if the process is in no pid namespace that the caller sees. */
  pid: number;
  /** Effective ids. */
  uid: number;
  gid: number;
}

/** SO_PEERCRED: struct ucred of the process that connected the socket. */
export function peerCredentials(fd: number): PeerCredentials {
  const ucred = option(fd, SO_PEERCRED, 12);
  return { pid: ucred.readInt32LE(0), uid: ucred.readUInt32LE(4), gid: ucred.readUInt32LE(8) };
}

/**
 * SO_PEERPIDFD, Linux 6.5: a pidfd of the process that connected the socket; close-on-exec. Throws
 * ENOPROTOOPT on an older kernel, ESRCH if the process has been reaped.
 */
export const peerPidfd = (fd: number): number => option(fd, SO_PEERPIDFD, 4).readInt32LE(0);

/** Whether `fd` is a socket of `type` that listen(2) was called on. */
export const isListening = (fd: number, type: number): boolean =>
  option(fd, SO_TYPE, 4).readInt32LE(0) === type &&
  option(fd, SO_ACCEPTCONN, 4).readInt32LE(0) === 1;

/** The path that the AF_UNIX socket `fd` is bound to. */
export function unixPathOf(fd: number): string {
  const address = Buffer.alloc(112);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(address.length);
  getsockname(fd, address, length);
  return address.toString('utf8', 2, length.readUInt32LE(0)).replace(/\0$/, '');
}

/** For one system call at a time: the largest of the values above, and its length. */
const value = Buffer.alloc(12);
const length = Buffer.alloc(4);

function option(fd: number, name: number, size: number): Buffer {
  length.writeUInt32LE(size);
  getsockopt(fd, SOL_SOCKET, name, value, length);
  return value;
}

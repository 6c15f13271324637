import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { koffi } from '../ffi/koffi.ts';
import { declare, declareTry } from '../ffi/libc.ts';
import { closedOnFailure } from '../files/closed-on-failure.ts';

// bits/socket.h
const AF_UNIX = 1;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_SEQPACKET = 5;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const MSG_TRUNC = 0x20;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;

const nativeSocketpair = declare<[number, number, number, Int32Array]>(
  'int socketpair(int domain, int type, int protocol, _Out_ int *sv)',
);
/** socket(2). */
export const socket = declare<[number, number, number]>(
  'int socket(int domain, int type, int protocol)',
);
type SocketAddressCall = [number, Uint8Array, number];
const describeAddress =
  (verb: string) =>
  (_fd: number, address: Uint8Array): string =>
    `${verb} ${Buffer.from(address.subarray(2, -1)).toString()}`;
const nativeBind = declare<SocketAddressCall>(
  'int bind(int sockfd, const void *addr, uint32_t addrlen)',
  { describe: describeAddress('bind') },
);
const nativeConnect = declare<SocketAddressCall>(
  'int connect(int sockfd, const void *addr, uint32_t addrlen)',
  { describe: describeAddress('connect') },
);
const tryConnect = declareTry<SocketAddressCall>(
  'int connect(int sockfd, const void *addr, uint32_t addrlen)',
);
const nativeAccept4 = declare<[number, null, null, number]>(
  'int accept4(int sockfd, void *addr, void *addrlen, int flags)',
);
const nativeSendmsg = declare<[number, Uint8Array, number]>(
  'ssize_t sendmsg(int sockfd, const void *msg, int flags)',
);
const nativeRecv = declare<[number, Uint8Array, number, number]>(
  'ssize_t recv(int sockfd, void *buf, size_t len, int flags)',
);
const nativeRecvmsg = declare<[number, Uint8Array, number]>(
  'ssize_t recvmsg(int sockfd, void *msg, int flags)',
);

/** listen(2). */
export const listen = declare<[number, number]>('int listen(int sockfd, int backlog)');

/** socketpair(2) of AF_UNIX, close-on-exec. */
export function socketpair(type: number): [number, number] {
  const sv = new Int32Array(2);
  nativeSocketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, sv);
  return [sv[0]!, sv[1]!];
}

/** An AF_UNIX socket bound at `path` (at most 107 bytes), close-on-exec. */
export function bindUnix(type: number, path: string): number {
  return closedOnFailure(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), (fd) => {
    const address = unixAddress(path);
    nativeBind(fd, address, address.length);
  });
}

/** {@link bindUnix}, then listen(2). */
export const listenUnix = (type: number, path: string, backlog = 8): number =>
  closedOnFailure(bindUnix(type, path), (fd) => listen(fd, backlog));

/**
 * An AF_UNIX socket connected to `path`, close-on-exec. `path` has at most 107 bytes; with a
 * leading NUL it is an abstract name (unix(7)).
 */
export function connectUnix(type: number, path: string): number {
  return closedOnFailure(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), (fd) => {
    const address = unixAddress(path);
    nativeConnect(fd, address, address.length);
  });
}

/** Whether a socket of another type listens at `path`. It does not notice. */
export function listensOtherwise(type: number, path: string): boolean {
  const fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  try {
    const address = unixAddress(path);
    return tryConnect(fd, address, address.length) === -constants.errno.EPROTOTYPE;
  } finally {
    closeSync(fd);
  }
}

/** Waits for a connection; close-on-exec. `flags` may add SOCK_NONBLOCK. */
export function accept(fd: number, flags = 0): number {
  return nativeAccept4(fd, null, null, SOCK_CLOEXEC | flags);
}

/** Sends one message, with the fds given (SCM_RIGHTS, unix(7)). */
export function sendMessage(fd: number, bytes: Uint8Array, fds: readonly number[] = []): void {
  const control = fds.length > 0 ? rightsMessage(fds) : undefined;
  nativeSendmsg(fd, messageHeader(bytes, control), MSG_NOSIGNAL);
}

/** Waits for a datagram. Returns at most its first `maxBytes`; fds sent with it are dropped. */
export function receiveDatagram(fd: number, maxBytes: number): Buffer {
  const bytes = Buffer.alloc(maxBytes);
  return bytes.subarray(0, nativeRecv(fd, bytes, maxBytes, 0));
}

/** What one recvmsg(2) brought; `bytes` is empty at the end of the stream. */
export interface Received {
  bytes: Buffer;
  fds: number[];
}

/** Waits for one message of at most `maxBytes`; fds that come with it are close-on-exec. */
export const receiveMessage = (fd: number, maxBytes: number, maxFds = 0): Received =>
  receiveInto(fd, Buffer.alloc(maxBytes), maxFds);

/** {@link receiveMessage} into the caller's buffer; the returned `bytes` are a part of it. */
export function receiveInto(fd: number, bytes: Buffer, maxFds = 0): Received {
  const control = maxFds > 0 ? Buffer.alloc(16 + align(4 * maxFds)) : undefined;
  const header = messageHeader(bytes, control);
  const length = nativeRecvmsg(fd, header, MSG_CMSG_CLOEXEC);
  const flags = header.readInt32LE(MSG_FLAGS);
  const fds = control ? receivedFds(control, header.readInt32LE(MSG_CONTROLLEN)) : [];
  if (flags & MSG_TRUNC) {
    for (const fd of fds) closeSync(fd);
    throw new Error(`message longer than ${bytes.length} bytes`);
  }
  return { bytes: bytes.subarray(0, length), fds };
}

/** struct sockaddr_un (sys/un.h): a 2-byte family, the path, and a NUL unless it is abstract. */
function unixAddress(path: string): Buffer {
  const name = Buffer.from(path);
  if (name.length > 107) throw new Error(`socket path longer than 107 bytes: ${path}`);
  const address = Buffer.alloc(2 + name.length + (name[0] === 0 ? 0 : 1));
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, 2);
  return address;
}

/**
 * struct msghdr (name, namelen, iov, iovlen, control, controllen, flags) and behind it its one iovec:
 * bits/types/struct_msghdr.h, 64-bit. For one message at a time.
 */
const message = Buffer.alloc(72);
const MSG_IOV = 16;
const MSG_IOVLEN = 24;
const MSG_CONTROL = 32;
const MSG_CONTROLLEN = 40;
const MSG_FLAGS = 48;
const IOVEC = 56;
/** What the pointers in the message lead to: the garbage collector does not see them. */
const alive: (Buffer | Uint8Array | undefined)[] = [];

function messageHeader(data: Uint8Array, control: Buffer | undefined): Buffer {
  alive[0] = data;
  alive[1] = control;
  message.fill(0);
  message.writeBigUInt64LE(koffi().address(message) + BigInt(IOVEC), MSG_IOV);
  message.writeInt32LE(1, MSG_IOVLEN);
  message.writeBigUInt64LE(koffi().address(data), IOVEC);
  message.writeUInt32LE(data.length, IOVEC + 8);
  if (control) {
    message.writeBigUInt64LE(koffi().address(control), MSG_CONTROL);
    message.writeUInt32LE(control.length, MSG_CONTROLLEN);
  }
  return message;
}

const align = (length: number): number => (length + 7) & ~7;

/** struct cmsghdr (bits/socket.h, 64-bit): len, level, type, then the fds. */
export function rightsMessage(fds: readonly number[]): Buffer {
  const control = Buffer.alloc(16 + align(4 * fds.length));
  control.writeBigUInt64LE(BigInt(16 + 4 * fds.length), 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  fds.forEach((fd, i) => {
    control.writeInt32LE(fd, 16 + 4 * i);
  });
  return control;
}

function receivedFds(control: Buffer, controlLength: number): number[] {
  const fds: number[] = [];
  for (let at = 0; at + 16 <= controlLength; ) {
    const length = Number(control.readBigUInt64LE(at));
    if (control.readInt32LE(at + 8) === SOL_SOCKET && control.readInt32LE(at + 12) === SCM_RIGHTS) {
      for (let i = at + 16; i + 4 <= at + length; i += 4) fds.push(control.readInt32LE(i));
    }
    at += align(length);
  }
  return fds;
}

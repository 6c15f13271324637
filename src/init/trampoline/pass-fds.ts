import { rightsMessage } from '../../syscalls/network/socket.ts';
import type { TrampolineCall } from './build-trampoline.ts';

/** Sends the fds in one message, of one byte: sendmsg(2), SCM_RIGHTS. */
export function passFds(socket: number, fds: readonly number[]): TrampolineCall {
  const control = rightsMessage(fds);
  // struct iovec and struct user_msghdr (linux/socket.h).
  const iov = Buffer.alloc(16);
  iov.writeUInt32LE(1, 8);
  const header = Buffer.alloc(56);
  header.writeUInt32LE(1, 24);
  header.writeUInt32LE(control.length, 40);
  const pointers = new Map([
    [16, { bytes: iov, pointers: new Map([[0, { bytes: Buffer.alloc(1) }]]) }],
    [32, { bytes: control }],
  ]);
  return { syscall: 'sendmsg', arguments: [socket, { bytes: header, pointers }, 0] };
}

import { hasErrno } from '../../errors/syscall-error.ts';
import { JOIN } from '../../machine/front/door.ts';
import { syscallError } from '../../syscalls/ffi/libc.ts';
import type { ProcessCall } from '../../syscalls/ffi/process-calls.ts';
import { receiveMessage, sendMessage } from '../../syscalls/network/socket.ts';
import type { RemoteChild } from '../parent/init-parent.ts';
import { openOwnNamespace } from './open-own-namespace.ts';

/** What a front's child joins: a namespace, or the cgroup of a file to write to, whose flag is 0. */
export interface Join {
  fd: number;
  /** CLONE_NEW*. */
  flag: number;
}

/** In the helper: what it has joined by this call, if the call does that. */
export function joinOf(
  { syscall, arguments: given }: ProcessCall,
  procfs: number,
): Join | undefined {
  const [first] = given;
  if (syscall === 'unshare') {
    const flag = first as number;
    return { flag, fd: openOwnNamespace(procfs, flag) };
  }
  return syscall === 'write' ? { flag: 0, fd: (first as { fd: number }).fd } : undefined;
}

/** Has the child join. Does nothing if it has ended. */
export function sendJoin({ socket }: RemoteChild, { flag, fd }: Join): void {
  const text = Buffer.alloc(JOIN.size);
  text.write('0', JOIN.self);
  text.writeUInt32LE(flag, JOIN.flag);
  try {
    sendMessage(socket, text, [fd]);
  } catch (error) {
    if (!hasErrno(error, 'EPIPE', 'ECONNRESET')) throw error;
  }
}

/** In the runtime, once the child has answered: throws if it could not join. */
export function checkJoined({ socket }: RemoteChild): void {
  const result = answerFrom(socket);
  if (result < 0) throw syscallError(-result, 'setns', 'join what the helper has joined');
}

/** 0 for a child that has ended: the next stage finds that. */
function answerFrom(socket: number): number {
  try {
    const { bytes } = receiveMessage(socket, JOIN.answerSize);
    return bytes.length === 0 ? 0 : Number(bytes.readBigInt64LE());
  } catch (error) {
    if (hasErrno(error, 'ECONNRESET')) return 0;
    throw error;
  }
}

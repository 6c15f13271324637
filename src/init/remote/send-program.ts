import { hasErrno } from '../../errors/syscall-error.ts';
import { sendMessage } from '../../syscalls/network/socket.ts';
import { PR_SET_PDEATHSIG } from '../../syscalls/task/prctl.ts';
import type { TrampolineCall } from '../trampoline/build-trampoline.ts';
import { TRAMPOLINE_NAME } from '../trampoline/trampoline-name.ts';

/** A front's child would end with the front. */
export const outliveParent: TrampolineCall = {
  syscall: 'prctl',
  arguments: [PR_SET_PDEATHSIG, 0, 0, 0, 0],
};

/**
 * Sends a front's child the trampoline to execute: the first of `fds`. `name` is the last word of its
 * argv. Does nothing if the child has ended.
 */
export function sendProgram(socket: number, name: string, fds: readonly number[]): void {
  const argv = [...TRAMPOLINE_NAME, name].map((word) => `${word}\0`).join('');
  try {
    sendMessage(socket, Buffer.from(argv), fds);
  } catch (error) {
    if (!hasErrno(error, 'EPIPE', 'ECONNRESET')) throw error;
  }
}

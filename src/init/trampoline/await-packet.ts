import { constants } from 'node:os';
import type { TrampolineCall } from './build-trampoline.ts';

const { EFAULT } = constants.errno;

/**
 * Waits for a packet of any content, or the end of the connection, of which the result is 0. The
 * trampoline has no memory to read to: the kernel waits all the same, and says so of the packet.
 */
export const awaitPacket = (
  fd: TrampolineCall['arguments'][number],
  whenZero?: TrampolineCall['whenZero'],
): TrampolineCall => ({
  syscall: 'read',
  arguments: [fd, 0, 1],
  tolerated: EFAULT,
  ...(whenZero !== undefined && { whenZero }),
});

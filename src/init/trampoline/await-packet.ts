import { constants } from 'node:os';
import type { Fd, TrampolineCall } from './build-trampoline.ts';

const { EFAULT } = constants.errno;

/**
 * Waits for a packet of any content, or for the end of the connection: the result is then 0. The
 * trampoline has no memory to read into: the kernel waits all the same, and a packet gives EFAULT.
 */
export const awaitPacket = ({ fd }: Fd, whenZero?: TrampolineCall['whenZero']): TrampolineCall => ({
  syscall: 'read',
  arguments: [{ fd }, 0, 1],
  tolerated: EFAULT,
  ...(whenZero !== undefined && { whenZero }),
});

import { hasErrno } from '../../errors/syscall-error.ts';
import { declare } from '../ffi/libc.ts';
import { WNOHANG } from './process.ts';

const P_ALL = 0;
const P_PID = 1;
// linux/wait.h
const WEXITED = 0x4;
const WNOWAIT = 0x01000000;

/** sizeof(siginfo_t), asm-generic/siginfo.h; si_pid stands at 16 on 64-bit. */
const SIGINFO_SIZE = 128;
const SI_PID = 16;

const native = declare<[number, number, Uint8Array, number]>(
  'int waitid(int idtype, unsigned int id, void *infop, int options)',
);

/**
 * The pid of a child that ended and waits to be reaped, waitid(2); undefined when there is none.
 */
export const findExitedChild = (): number | undefined => exited(P_ALL, 0);

/** Whether a child has ended and waits to be reaped. */
export const hasExited = (child: number): boolean => exited(P_PID, child) !== undefined;

function exited(type: number, id: number): number | undefined {
  const info = Buffer.alloc(SIGINFO_SIZE);
  try {
    native(type, id, info, WEXITED | WNOHANG | WNOWAIT);
  } catch (error) {
    if (hasErrno(error, 'ECHILD')) return undefined;
    throw error;
  }
  return info.readInt32LE(SI_PID) || undefined;
}

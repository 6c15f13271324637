import { declare } from '../ffi/libc.ts';

// sys/time.h
/** Counts real time, then sends SIGALRM. */
export const ITIMER_REAL = 0;
/** Counts the process's CPU time, then sends SIGPROF. */
export const ITIMER_PROF = 2;
/** struct itimerval: interval and value, each of seconds and microseconds. */
const ITIMERVAL_SIZE = 32;

const setitimer = declare<[which: number, value: Uint8Array, old: null]>(
  'int setitimer(int which, const void *new_value, void *old_value)',
);

/** setitimer(2): sends the timer's signal once, after `milliseconds`; 0 disarms the timer. */
export function setTimer(timer: number, milliseconds: number): void {
  const value = Buffer.alloc(ITIMERVAL_SIZE);
  value.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 16);
  value.writeBigInt64LE(BigInt(Math.round((milliseconds % 1000) * 1000)), 24);
  setitimer(timer, value, null);
}

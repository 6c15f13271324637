import { declare } from './libc.ts';

// sys/time.h
const ITIMER_REAL = 0;
/** struct itimerval: interval and value, each of seconds and microseconds. */
const ITIMERVAL_SIZE = 32;

const setitimer = declare<[which: number, value: Uint8Array, old: null]>(
  'int setitimer(int which, const void *new_value, void *old_value)',
);

/** setitimer(2): SIGALRM in so many milliseconds; 0 takes it back. */
export function setAlarm(milliseconds: number): void {
  const value = Buffer.alloc(ITIMERVAL_SIZE);
  value.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 16);
  value.writeBigInt64LE(BigInt(Math.round((milliseconds % 1000) * 1000)), 24);
  setitimer(ITIMER_REAL, value, null);
}

import { declare } from '../ffi/libc.ts';

// bits/eventfd.h
const EFD_CLOEXEC = 0o2000000;

const native = declare<[number, number]>('int eventfd(unsigned int initval, int flags)');

/** eventfd(2), close-on-exec: a counter that starts at 0. A read waits until it is not 0. */
export const eventfd = (): number => native(0, EFD_CLOEXEC);

import { s0, s1, s2, s3, s4 } from '../machine.ts';

/* The registers that several parts of the front use. */

/** FRAME. */
export const frame = s0;
/** DOOR, while the front asks the server. */
export const door = s0;
/** argc, argv and envp as the kernel put them. */
export const caller = s1;
export const socket = s2;
export const permit = s3;
/** How long to wait for an answer: a struct timespec, or 0 for as long as it takes. */
export const timeout = s4;

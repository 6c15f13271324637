import type { Program } from '../assembler.ts';

/*
 * The trampoline's program, the same for every container. It walks a table of system calls:
 *
 *   for (entry = table; ; entry += step) {
 *     result = syscall(entry.number, entry.flags & FIRST_ARGUMENT_IS_RESULT ? result : entry.arguments[0], …)
 *     step = 1
 *     if (result is an error && -result != entry.tolerated) fail(result)
 *     if (result is no error) {
 *       if (result == 0) step = entry.stepWhenZero
 *       else if (entry.flags & REPORT_RESULT && the report of { entry.index, -result } fails) fail(its error)
 *     }
 *   }
 *   fail(result) {
 *     report { entry.index, -result }, up to ATTEMPTS times
 *     if (entry.flags & IS_EXPLAINED && the answer, but for messages, is text) write(STDERR, text)
 *     exit_group(1)
 *   }
 *
 * execve(2) returns only to fail. A call that forks returns 0 in the child, which goes on from there.
 * A report is { int32 index, int32 -result }, in one packet. Behind the code stand the report fd, the
 * fd of the answer (int32 each),
 * and the table.
 */

/** An entry of the table: where in it is what, in bytes. */
export const ENTRY = {
  /** 32 bits. */
  number: 0,
  /** What reports call the entry: 32 bits, signed. */
  index: 4,
  /** Six of 64 bits. */
  arguments: 8,
  /** 16 bits. */
  flags: 56,
  /** Entries to go on when the call returned 0: 16 bits, signed. */
  stepWhenZero: 58,
  /** An errno that is no failure, or 0: 32 bits. */
  tolerated: 60,
  size: 64,
  /** The size as a power of two. */
  sizeShift: 6,
} as const;

export const FIRST_ARGUMENT_IS_RESULT = 1;
export const REPORT_RESULT = 2;
export const IS_EXPLAINED = 4;
/** By which a message of the protocol begins: the turn, which waiting for it has left in a FIFO. */
export const START_OF_MESSAGE = 0x7b;
/** How much of an explanation there is room for, in bytes. */
export const MAX_EXPLANATION = 2048;
/** How often a failure is reported that the kernel has no room for at the moment. */
export const ATTEMPTS = 8;

/** `reportFd`, `answerFd` and `table` are to be filled in; `exit` is a signal handler that ends the process with status 1. */
export type TrampolineProgram = Program<'reportFd' | 'answerFd' | 'table' | 'exit'>;

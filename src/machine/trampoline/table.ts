import type { Program } from '../assembler.ts';

/*
 * The trampoline's program, the same for every container. It walks a table of system calls:
 *
 *   for (entry = table; ; entry += step) {
 *     first = entry.flags & FIRST_ARGUMENT_IS_RESULT ? result : entry.arguments[0]
 *     result = syscall(entry.number, first, …)
 *     step = 1
 *     if (result is an error && -result != entry.tolerated) fail(result)
 *     if (result is no error) {
 *       if (result == 0) step = entry.stepWhenZero
 *       else if (entry.flags & REPORT_RESULT)
 *         if (the report of { entry.index, -result } fails) fail(its error)
 *     }
 *   }
 *   fail(result) {
 *     report { entry.index, -result }, up to ATTEMPTS times
 *     if (entry.flags & IS_EXPLAINED && the answer, but for messages, is text) write(STDERR, text)
 *     exit_group(1)
 *   }
 *
 * execve(2) returns only when it fails. A call that forks returns 0 in the child, which advances by
 * `stepWhenZero`. A report is { int32 index, int32 -result }, in one packet. Behind the code are
 * the fd for reports and the fd for the answer (int32 each), and the table.
 */

/** Offsets in an entry of the table, in bytes. */
export const ENTRY = {
  /** 32 bits. */
  number: 0,
  /** The entry's number in reports: 32 bits, signed. */
  index: 4,
  /** The call's six arguments, 64 bits each. */
  arguments: 8,
  /** 16 bits. */
  flags: 56,
  /** By how many entries to advance when the call returns 0: 16 bits, signed. */
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
/** The first byte of a message of the protocol: init's turn, which may still be in the FIFO. */
export const START_OF_MESSAGE = 0x7b;
/** Room for an explanation, in bytes. */
export const MAX_EXPLANATION = 2048;
/** How often to try to report a failure: the kernel may have no room at the moment. */
export const ATTEMPTS = 8;

/**
 * The caller fills in `reportFd`, `answerFd` and `table`. `exit` handles signals: it ends with 1.
 */
export type TrampolineProgram = Program<'reportFd' | 'answerFd' | 'table' | 'exit'>;

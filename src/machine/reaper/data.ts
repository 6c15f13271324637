import type { Program } from '../assembler.ts';

/*
 * The program is the parent of a davit, and of every process that this davit leaves: it tells the
 * embedding program how each of them ends. Its arguments are the davit's path and arguments; it has
 * no others. Its stdio is the davit's. It ends when no child is left, or when the embedding program
 * has gone.
 *
 * It writes records of 8 bytes to REPORT_FD: a pid, and the wait status with which that process has
 * ended (wait4(2)). The first is the davit's pid, with STARTED.
 */

export type ReaperProgram = Program;

export const REPORT_FD = 4;
export const RECORD_SIZE = 8;
/** No process ends with this wait status. */
export const STARTED = 0x7fffffff;

/** linux/prctl.h, fcntl.h, signal.h */
export const PR_SET_CHILD_SUBREAPER = 36;
export const F_SETFD = 2;
export const FD_CLOEXEC = 1;
export const SIGCHLD = 17;
/** wait4(2) */
export const ANY_CHILD = -1;
/** A shell's exit status for a program that cannot be executed. */
export const NOT_EXECUTED = 127;

import type { Program } from '../assembler.ts';

/*
 * The program is a signal handler that never returns: it unblocks all signals and executes a
 * program. If that fails, it writes `failureMessage` to stderr and ends the process with status 1.
 * An error of rt_sigprocmask(2) is ignored.
 */

/** 64 bits each, behind the code: a mask, execve(2)'s arguments, a text's address and length. */
export const DATA = [
  'emptyMask',
  'path',
  'argv',
  'envp',
  'failureMessage',
  'failureMessageLength',
] as const;

export type ExecHandlerProgram = Program<(typeof DATA)[number]>;

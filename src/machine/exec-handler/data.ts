import type { Program } from '../assembler.ts';

/*
 * The program is a signal handler that never returns: it unblocks all signals, becomes a program and,
 * where that fails, says some last words on stderr and ends the process with status 1. A mask that
 * cannot be set is no reason to stay.
 */

/** 64 bits each, behind the code: no signals, execve(2)'s arguments, the words' address and length. */
export const DATA = ['emptyMask', 'path', 'argv', 'envp', 'lastWords', 'lastWordsLength'] as const;

export type ExecHandlerProgram = Program<(typeof DATA)[number]>;

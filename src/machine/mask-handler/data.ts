import type { Program } from '../assembler.ts';

/*
 * The program is a signal handler with three arguments (SA_SIGINFO). It writes `mask` over
 * uc_sigmask in its third argument, the thread's saved context, and returns: sigreturn(2) then
 * gives the thread this signal mask.
 */

/**
 * Offset of uc_sigmask in struct ucontext: asm-generic/ucontext.h with x86's sigcontext, and
 * arch/arm64/include/uapi/asm/ucontext.h.
 */
export const UC_SIGMASK = { x64: 296, arm64: 40 } as const;

export type MaskHandlerProgram = Program<'mask'>;

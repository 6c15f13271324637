import type { Program } from '../assembler.ts';

/*
 * Two processes, one thread of JavaScript. init shares the runtime's memory, including the stack.
 * Only the process that has the turn runs. The other waits in this code, in a system call that
 * touches no stack. Once it has the turn, it continues where the thread is by then.
 *
 *     clone(state, args, size)     the runtime forks; returns in init, or -errno in the runtime
 *     toRuntime(state)             init waits; returns in the runtime
 *     toInit(state)                the runtime waits; returns 1 in init. In the runtime 0 when init
 *                                  is gone, -errno when the byte for init cannot be sent
 *     exec(state, fd, argv, envp, "")   init executes a program; returns 0 in the runtime, -errno
 *                                  in init
 *
 * The runtime waits for a change of `turn` with futex(2). The kernel clears `turn` when init
 * executes a program or ends (CLONE_CHILD_CLEARTID). init waits for a byte on its socket; the
 * connection ends with the runtime. If init ends in its own turn, the thread is lost in the middle
 * of its work: the runtime then executes the program at `lost`, or else writes the text at
 * `failureMessage` and ends.
 *
 * Errors of system calls: only a change of `turn` ends the wait, whatever futex(2) returns. Each
 * wait has a timeout, because a seccomp filter may keep init from waking the runtime. When
 * sendto(2) fails, the runtime keeps the turn.
 */

/** Offsets in the state that both processes share. Fields have 32 bits unless said otherwise. */
export const STATE = {
  turn: 0,
  /** 1 while init runs JavaScript. */
  initRuns: 4,
  /** The stack pointer of the process that gave the turn away: 64 bits. */
  stack: 8,
  runtimeSocket: 16,
  initSocket: 20,
  /** The byte that the runtime sends. */
  sent: 24,
  /** The byte that init receives. */
  received: 25,
  /** clone3(2) writes init's pid here, and its pidfd to `pidfd`. */
  pid: 28,
  /** execve(2)'s arguments for when init is lost: three addresses. */
  lost: 32,
  /** An empty signal mask: 64 bits. */
  emptyMask: 56,
  /** A text's address and length, 64 bits each. */
  failureMessage: 64,
  /** struct timespec. */
  timeout: 80,
  pidfd: 96,
  cloneArgs: 128,
  size: 256,
} as const;

/** Values of `turn`. The kernel sets 0 when init leaves the memory: CLONE_CHILD_CLEARTID. */
export const INITS_TURN = 1;
export const RUNTIMES_TURN = 2;

/** The labels are entry points of C functions. */
export type SwitchProgram = Program<'clone' | 'toInit' | 'toRuntime' | 'exec'>;

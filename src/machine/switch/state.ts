import type { Program } from '../assembler.ts';

/*
 * Two processes, one thread of JavaScript. init shares the memory of the runtime, its stack as well,
 * and only one of the two runs at a time: whoever has the turn. The other waits in here, in a system
 * call that touches no stack, until it goes on where the thread has got to meanwhile.
 *
 *     clone(state, args, size)     the runtime forks; returns in init, or -errno in the runtime
 *     toRuntime(state)             init waits; returns in the runtime
 *     toInit(state)                the runtime waits; returns 1 in init. 0 in the runtime when there is
 *                                  no init any more, -errno when init could not be told
 *     exec(state, fd, argv, envp, "")   init becomes a program; returns 0 in the runtime, or -errno in init
 *
 * The runtime waits for `turn` (futex(2)), which the kernel clears when init executes a program or
 * ends (CLONE_CHILD_CLEARTID), at most `timeout` at a time: a seccomp filter may keep init from waking
 * it. init waits for a byte on its socket, which ends with the runtime. An init that ends in its own
 * turn takes the thread with it, in the middle of whatever it did: then the runtime executes the
 * program at `lost`, or says the words at `lastWords` and ends.
 *
 * What the calls in here return: waiting for `turn` is a loop that only `turn` ends, whatever futex(2)
 * says, and a waker that fails is why it has a timeout. Where sendto(2) fails, init has not been told:
 * the turn stays the runtime's.
 */

/** The state that both share, and where in it is what. 32-bit integers but where said. */
export const STATE = {
  turn: 0,
  /** 1 while init runs JavaScript. */
  initRuns: 4,
  /** The stack pointer of whoever gave the turn away: 64 bits. */
  stack: 8,
  runtimeSocket: 16,
  initSocket: 20,
  /** The byte that the runtime sends. */
  sent: 24,
  /** The byte that init receives. */
  received: 25,
  /** clone3(2) writes init's pid and pidfd to them. */
  pid: 28,
  /** execve(2)'s arguments: three addresses. */
  lost: 32,
  /** 64 bits that are 0. */
  emptyMask: 56,
  /** An address and a length. */
  lastWords: 64,
  /** struct timespec. */
  timeout: 80,
  pidfd: 96,
  cloneArgs: 128,
  size: 256,
} as const;

/** Values of `turn`. */
export const INIT_LEFT = 0;
export const INITS_TURN = 1;
export const RUNTIMES_TURN = 2;

/** Functions of C. */
export type SwitchProgram = Program<'clone' | 'toInit' | 'toRuntime' | 'exec'>;

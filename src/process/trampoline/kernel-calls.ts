import type { TrampolineCall } from './build-trampoline.ts';

/** A container stage as system calls alone: what a trampoline can do of it. */
export interface KernelCalls {
  /** What may be done earlier: before a filter that may refuse it. */
  prepare?: readonly TrampolineCall[];
  calls: readonly TrampolineCall[];
  /** From these calls on a filter may refuse any: what later stages prepare comes before them. */
  confine?: boolean;
  /** fds that the calls need, and close or mark close-on-exec themselves. */
  keep: readonly number[];
}

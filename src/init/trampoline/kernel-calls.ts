import type { TrampolineCall } from './build-trampoline.ts';

/** A container stage as system calls alone: what a trampoline can do of it. */
export interface KernelCalls {
  /** What may be done earlier: before a filter that may refuse it. */
  prepare?: readonly TrampolineCall[];
  calls: readonly TrampolineCall[];
  /** What later stages prepare comes before these calls: a filter may refuse it, or rights are gone. */
  confine?: boolean;
  /** Reports call these calls by the numbers that describeExecFailure knows. */
  described?: boolean;
  /** fds that the calls need, and close or mark close-on-exec themselves. */
  keep: readonly number[];
}

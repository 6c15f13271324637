import type { TrampolineCall } from './build-trampoline.ts';

/** A container stage as system calls, for a trampoline. */
export interface KernelCalls {
  /** Calls that may be made earlier: before a seccomp filter that may refuse them. */
  prepare?: readonly TrampolineCall[];
  calls: readonly TrampolineCall[];
  /**
   * `prepare` of later stages comes before these calls, which install a filter or give up rights.
   */
  dropsRights?: boolean;
  /** Reports number these calls as describeExecFailure expects. */
  hasReportNumbers?: boolean;
  /** fds that the calls need, and close or mark close-on-exec themselves. */
  keptFds: readonly number[];
}

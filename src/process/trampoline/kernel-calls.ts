import type { TrampolineCall } from './build-trampoline.ts';

/** A container stage as system calls alone: what a trampoline can do of it. */
export interface KernelCalls {
  calls: readonly TrampolineCall[];
  /** fds that the calls need, and close or mark close-on-exec themselves. */
  keep: readonly number[];
}

import type { Process } from '../config/types.ts';
import type { BeginHook } from '../hooks/hook-run.ts';
import type { InitChannel } from '../init/channel/channel.ts';
import type { CapabilitySets } from '../process/capability-sets.ts';
import type { ExecFd } from '../syscalls/task/exec.ts';
import type { InheritedFds, Launch } from './launch.ts';
import type { MountRun } from './mount-run.ts';

/** The context of a container stage: synchronous code inside init, in its namespaces. */
export interface InitContext extends Launch {
  /** The process that this one becomes: `spec.process`, or the process of `davit exec`. */
  readonly process: Process;
  readonly inherited: InheritedFds;
  /** When the command began, in CLOCK_MONOTONIC nanoseconds. */
  readonly begin: bigint;
  /** init's end of its socket to the runtime. */
  channel: InitChannel;
  /** Absent in a forked init, which cannot write to the trace itself. */
  readonly beginHook?: BeginHook | undefined;
  /** Mounts of the running stage that took long. The walk tells them when the stage has run. */
  readonly mountRuns: MountRun[];
  /**
   * fd of a procfs of this process's pid namespace, which the container can neither reach nor
   * cover; -1 before openProcfs.
   */
  procfs: number;
  /** O_PATH fd of the rootfs' mount, from prepareRootfs on; -1 before. */
  rootfsFd: number;
  /** fd of the trampoline's file: see trampolineFile. */
  readonly trampoline: number;
  /** fd of the terminal's slave end. Set by setupConsole. */
  terminal: number | undefined;
  /**
   * The program's capability sets, if init keeps one more until a filter is installed:
   * filter-capability.ts.
   */
  afterFilter?: CapabilitySets | undefined;
  /** Absolute path of the program in the container. Set by findProgram. */
  executable: string;
  /** The program's environment, once prepared. */
  environment: string[];
  /** True in the helper of an init that is another process's child: init is not this process. */
  readonly isHelper?: boolean;
  /** How init executes the program. */
  readonly execFd: ExecFd;
}

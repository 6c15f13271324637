import { closeSync } from 'node:fs';
import { atField } from '../../errors/stage-error.ts';
import { blockSignals, setSignalMask } from '../../syscalls/signal/signals.ts';
import { type ReplacementProgram, Switch } from '../../syscalls/switch/switch.ts';
import { setns } from '../../syscalls/task/namespaces.ts';
import { setsid, waitpid } from '../../syscalls/task/process.ts';
import type { Forked } from '../fork/fork.ts';
import type { NamespacePlan } from '../fork/join.ts';
import { inheritStdio } from '../trampoline/inherit-fds.ts';
import { keepMemoryAttributes } from './memory-attributes.ts';

/** If init is killed in its turn, the runtime executes `replacement`, or else prints `message` and ends. */
export interface LostInit {
  message: string;
  replacement: ReplacementProgram | undefined;
}

/** At most one at a time, as all processes that share the memory share its attributes. */
let current: SharedInit | undefined;

/**
 * An init that shares the runtime's memory and its thread of JavaScript (clone(2), CLONE_VM):
 * nothing is copied, and code is compiled once for all containers. Like a forked init, it has its
 * own fds, namespaces, credentials and working directory. `run` moves the thread to init and back.
 */
export class SharedInit {
  readonly #switch: Switch;
  readonly #restoreMemory = keepMemoryAttributes();

  /** True while another init shares this memory. */
  static get busy(): boolean {
    return current !== undefined;
  }

  /** `runtime` and `init` are the two ends of the socket between the runtime and init. */
  constructor(
    plan: NamespacePlan,
    runtime: number,
    init: number,
    { message, replacement }: LostInit,
  ) {
    this.#switch = new Switch(runtime, init);
    if (replacement) inheritStdio();
    this.#switch.prepareForLoss(message, replacement);
    current = this;
    const mask = blockSignals();
    try {
      this.#switch.clone(plan.create, plan.cgroup);
      this.#inInit(() => {
        closeSync(runtime);
        for (const { fd, flag, configPath } of plan.join)
          atField(configPath, () => setns(fd, flag));
        // Leaves the caller's session, so that the container does not have the caller's terminal.
        setsid();
      });
    } catch (error) {
      this.#abandon();
      throw error;
    } finally {
      setSignalMask(mask);
    }
  }

  get forked(): Forked {
    const { pid, pidfd } = this.#switch;
    return { pid, pidfd };
  }

  /** False once init has executed a program, or ended. */
  get shares(): boolean {
    return this.#switch.shared;
  }

  /**
   * Runs `action` as init. It is synchronous, and closes no fd through an object that the runtime
   * uses as well. False when init has ended before.
   */
  run(action: () => void): boolean {
    // A signal handler would run on the stack that init uses meanwhile.
    const mask = blockSignals();
    try {
      if (!this.#switch.toInit()) return false;
      this.#inInit(action);
      return true;
    } finally {
      setSignalMask(mask);
      if (!this.shares) this.end();
    }
  }

  /**
   * In init: executes the program in `fd`; the runtime runs the rest of `action`. Throws in init.
   */
  exec(fd: number, argv: readonly string[]): void {
    this.#switch.exec(fd, argv);
  }

  /** To be called when init is gone. */
  end(): void {
    if (current !== this) return;
    current = undefined;
    this.#restoreMemory();
  }

  /** Ends an init that was not completely made. */
  #abandon(): void {
    const { pid, pidfd } = this.forked;
    if (pid > 0) {
      process.kill(pid, 'SIGKILL');
      waitpid(pid);
      closeSync(pidfd);
    }
    this.end();
  }

  #inInit(action: () => void): void {
    try {
      action();
    } finally {
      if (this.shares) this.#switch.toRuntime();
      forgetWorkingDirectory();
    }
  }
}

/** Node caches the result of process.cwd(), also of init's, until the next process.chdir(). */
export function forgetWorkingDirectory(): void {
  try {
    process.chdir('.');
  } catch {
    // The directory may not be searched.
  }
}

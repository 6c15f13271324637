import { closeSync } from 'node:fs';
import { atField } from '../../errors/stage-error.ts';
import { blockSignals, setSignalMask } from '../../syscalls/signal/signals.ts';
import { type Successor, Switch } from '../../syscalls/switch/switch.ts';
import { setns } from '../../syscalls/task/namespaces.ts';
import { setsid, waitpid } from '../../syscalls/task/process.ts';
import type { Channel } from '../channel/channel.ts';
import type { Forked } from '../fork/fork.ts';
import type { NamespacePlan } from '../fork/join.ts';
import { inheritStdio } from '../trampoline/inherit-fds.ts';
import { keepMemoryAttributes } from './memory-attributes.ts';

/** At most one at a time: what it changes of the memory's attributes is everybody's who shares it. */
let current: SharedInit | undefined;

/**
 * An init that shares the runtime's memory and its thread of JavaScript (clone(2), CLONE_VM): nothing
 * is copied, and what it runs is compiled once for all containers. It has fds, namespaces, credentials
 * and a working directory of its own, as a forked one has. `run` moves the thread over to it and back.
 */
export class SharedInit {
  readonly #switch: Switch;
  readonly #restoreMemory = keepMemoryAttributes();

  /** True while another init shares this memory. */
  static get busy(): boolean {
    return current !== undefined;
  }

  /** `runtime` and `init` are the ends of the socket by which init's last program will be heard of. */
  constructor(plan: NamespacePlan, runtime: Channel, init: Channel) {
    this.#switch = new Switch(runtime.fd, init.fd);
    current = this;
    const mask = blockSignals();
    try {
      this.#switch.clone(plan.create, plan.cgroup);
      this.#inInit(() => {
        closeSync(runtime.fd);
        for (const { fd, flag, configPath } of plan.join)
          atField(configPath, () => setns(fd, flag));
        // Out of the caller's session: its terminal is none of the container's.
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

  /** False once init has become a program, or ended. */
  get shares(): boolean {
    return this.#switch.shared;
  }

  /**
   * Runs `action` as init: synchronous code, which may close no fd by an object that the runtime has,
   * too. False when init has ended before.
   */
  run(action: () => void): boolean {
    // A handler would run on the stack that is init's meanwhile.
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

  /** In init: becomes the program in `fd`. The rest of `action` is the runtime's. Throws in init. */
  exec(fd: number, argv: readonly string[]): void {
    this.#switch.exec(fd, argv);
  }

  /** What becomes of this process if init is killed while it runs `action`: nothing else could go on. */
  prepareForLoss(lastWords: string, successor?: Successor): void {
    if (successor) inheritStdio();
    this.#switch.prepareForLoss(lastWords, successor);
  }

  /** To be called when init is gone. */
  end(): void {
    if (current !== this) return;
    current = undefined;
    this.#restoreMemory();
  }

  /** Half-made. */
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

/** Node remembers what process.cwd() said in init, until the next process.chdir(). */
function forgetWorkingDirectory(): void {
  try {
    process.chdir('.');
  } catch {
    // A directory that may not be searched: it is not asked for, then.
  }
}

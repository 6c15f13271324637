import type { Environment } from '../../config/environment.ts';
import { tryPidfdOpen } from '../../syscalls/task/pidfd.ts';
import { setChildSubreaper } from '../../syscalls/task/prctl.ts';
import { waitpid, waitStatus } from '../../syscalls/task/process.ts';
import { type Limits, withLimits } from '../../syscalls/task/rlimit.ts';
import { type SpawnOptions, spawn } from '../../syscalls/task/spawn.ts';
import type { Forked } from '../fork/fork.ts';
import { forkPlaceholder } from '../fork/placeholder.ts';
import { inheritedNofileLimit, NOFILE_VARIABLE } from './inherited-nofile.ts';
import type { InitParent, Placeholder } from './init-parent.ts';

/** The runtime as the parent of init. */
export class ThisProcess implements InitParent {
  readonly pid = process.pid;
  readonly procEntry = 'self';
  readonly remote = undefined;
  readonly polled = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get nofileLimit(): Limits {
    return inheritedNofileLimit(this.#environment);
  }

  creating<T>(action: () => T): T {
    return action();
  }

  adoptOrphans(): void {
    setChildSubreaper(true);
  }

  async makePlaceholder(): Promise<Placeholder> {
    const { pid, kill } = forkPlaceholder();
    return { pid, kill, end: async () => kill() };
  }

  check(): void {}

  kill(child: Forked): void {
    process.kill(child.pid, 'SIGKILL');
    this.awaitEnd(child);
  }

  awaitEnd({ pid }: Forked): void {
    waitpid(pid);
  }

  async spawn(program: SpawnOptions): Promise<Forked> {
    // Without a front, this is a program that embeds davit, and may need its own limit meanwhile.
    const isKnown = this.#environment[NOFILE_VARIABLE] !== undefined;
    const start = () => spawn(program);
    const pid = isKnown ? withLimits('RLIMIT_NOFILE', this.nofileLimit, start) : start();
    return { pid, pidfd: tryPidfdOpen(pid) };
  }

  async reap({ pid }: Forked): Promise<number> {
    return waitStatus(pid)!;
  }
}

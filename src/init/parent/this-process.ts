import type { Environment } from '../../config/environment.ts';
import { setChildSubreaper } from '../../syscalls/task/prctl.ts';
import { waitpid } from '../../syscalls/task/process.ts';
import type { Limits } from '../../syscalls/task/rlimit.ts';
import type { Forked } from '../fork/fork.ts';
import { inheritedNofileLimit } from './inherited-nofile.ts';
import type { InitParent } from './init-parent.ts';

/** The runtime as the parent of init. */
export class ThisProcess implements InitParent {
  readonly pid = process.pid;
  readonly procEntry = 'self';
  readonly nofileLimit: Limits;
  readonly remote = undefined;

  constructor(environment: Environment) {
    this.nofileLimit = inheritedNofileLimit(environment);
  }

  creating<T>(action: () => T): T {
    return action();
  }

  adoptOrphans(): void {
    setChildSubreaper(true);
  }

  check(): void {}

  kill(child: Forked): void {
    process.kill(child.pid, 'SIGKILL');
    this.awaitEnd(child);
  }

  awaitEnd({ pid }: Forked): void {
    waitpid(pid);
  }
}

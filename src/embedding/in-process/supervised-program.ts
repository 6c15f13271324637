import { constants } from 'node:os';
import type { Supervisor } from '../../init/supervisor.ts';
import { superviseOnEventLoop } from '../../operations/launch/supervise-on-event-loop.ts';
import type { Started } from '../operations.ts';
import type { ProgramStdio } from './program-stdio.ts';

/** A child of this process that runs a container's program. */
export class SupervisedProgram {
  #pid = 0;
  #run = (): void => {};
  readonly #running = new Promise<void>((resolve) => {
    this.#run = resolve;
  });

  readonly supervise = (): Supervisor => {
    const supervisor = superviseOnEventLoop();
    return {
      takeTerminal: () => supervisor.takeTerminal(),
      wait: async (init, readiness) => {
        this.#pid = init.pid;
        this.#run();
        const status = await supervisor.wait(init, readiness);
        this.#pid = 0;
        return status;
      },
    };
  };

  /** `status` is what the operation resolves with. */
  started(stdio: ProgramStdio, status: Promise<number>): Started {
    const ended = status.finally(() => {
      stdio[Symbol.dispose]();
      this.#run();
    });
    return {
      streams: Promise.resolve(stdio.streams()),
      status: ended,
      kill: (signal) => this.#kill(signal),
      abort: () => this.#kill(constants.signals.SIGKILL),
    };
  }

  async #kill(signal: number): Promise<void> {
    await this.#running;
    // Nobody else waits for the process: until it is waited for, its pid is its own.
    if (this.#pid > 0) process.kill(this.#pid, signal);
  }
}

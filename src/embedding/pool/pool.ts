import { checkArgs, checkNoOptions, checkOptions } from '../../check-options.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { ByProgram } from '../by-program/by-program.ts';
import { removeConfig } from '../launch-config.ts';
import type { Launch } from '../operations.ts';
import { POOL_RUN_OPTIONS, type PoolRunOptions } from '../options.ts';
import type { ProgramResult } from '../program-result.ts';
import { RunningProgram } from '../running-program.ts';
import { abandonedContainers } from './pool-owner.ts';
import { WaitingContainer } from './waiting-container.ts';

/** @internal */
interface PoolPlan {
  /** The number of containers that wait. */
  size: number;
  /** A container to make. */
  launch: () => Launch;
  operations: ByProgram;
}

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/**
 * Containers that wait for a program. Each runs one program and is deleted. A waiting container ends
 * with this program, also when that is killed. What is left then, the next pool with the same `root`
 * removes.
 */
export class Pool implements AsyncDisposable {
  readonly #plan: PoolPlan;
  readonly #waiting: WaitingContainer[] = [];
  readonly #takers: Waiter<WaitingContainer>[] = [];
  /** Containers that are being made or deleted. */
  readonly #pending = new Set<Promise<void>>();
  /** Containers that a program has got, or is about to get. */
  readonly #taken = new Set<WaitingContainer>();
  /** Calls of {@link ready} that wait. */
  readonly #untilFull: Waiter<void>[] = [];
  #making = 0;
  /** True after a failure: a container is then made only when a program needs one. */
  #failed = false;
  #closed = false;

  /** @internal */
  constructor(plan: PoolPlan) {
    this.#plan = plan;
    const { operations } = plan;
    for (const id of abandonedContainers(operations.root)) this.#delete(id);
    this.#fill();
  }

  /** The number of containers that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Settles when as many containers wait as the pool has room for. Rejects if none can be made. */
  async ready(...none: []): Promise<void> {
    checkNoOptions('pool.ready', none);
    if (this.#closed) throw closed();
    this.#failed = false;
    this.#fill();
    if (this.#isFull) return;
    await new Promise<void>((resolve, reject) => {
      this.#untilFull.push({ resolve, reject });
    });
  }

  /** Runs a program in a container of its own. `args` are the program and its arguments. */
  async run(args: readonly string[], options: PoolRunOptions = {}): Promise<ProgramResult> {
    checkArgs('pool.run', args);
    checkOptions<PoolRunOptions>('pool.run', options, POOL_RUN_OPTIONS);
    const container = await this.#take();
    try {
      if (this.#closed) throw closed();
      const started = container.start(args, options.env ?? {}, options.cwd);
      // Making another container would take the CPU from a program that is about to start.
      void container.launched.then(() => this.#fill());
      return await new RunningProgram(started, options);
    } finally {
      this.#taken.delete(container);
      this.#delete(container.id);
    }
  }

  /** Deletes all containers. Programs that run are killed. */
  async close(...none: []): Promise<void> {
    checkNoOptions('pool.close', none);
    this.#closed = true;
    for (const { reject } of [...this.#takers.splice(0), ...this.#untilFull.splice(0)]) {
      reject(closed());
    }
    for (const container of [...this.#waiting.splice(0), ...this.#taken]) {
      container.dismiss();
      this.#delete(container.id);
    }
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #take(): Promise<WaitingContainer> {
    if (this.#closed) throw closed();
    this.#failed = false;
    const container = this.#waiting.shift();
    if (container) {
      this.#taken.add(container);
      return container;
    }
    const taken = new Promise<WaitingContainer>((resolve, reject) => {
      this.#takers.push({ resolve, reject });
    });
    this.#fill();
    return await taken;
  }

  /** Gives a container to the program that waits for one, or lets the container wait. */
  #put(container: WaitingContainer): void {
    const taker = this.#takers.shift();
    if (taker) {
      this.#taken.add(container);
      taker.resolve(container);
    } else {
      this.#waiting.push(container);
      if (this.#isFull) for (const { resolve } of this.#untilFull.splice(0)) resolve();
    }
  }

  get #isFull(): boolean {
    return this.#waiting.length >= this.#plan.size;
  }

  #fill(): void {
    const wanted = () => (this.#failed ? 0 : this.#plan.size) + this.#takers.length;
    while (!this.#closed && this.#waiting.length + this.#making < wanted()) {
      this.#making++;
      this.#follow(this.#make());
    }
  }

  async #make(): Promise<void> {
    const { launch, operations } = this.#plan;
    try {
      const planned = launch();
      const init = await operations.launchWaiting(planned).finally(() => removeConfig(planned));
      const container = new WaitingContainer(planned.id, init);
      if (this.#closed) return await this.#end(container);
      this.#put(container);
      void container.end.then(() => this.#lost(container));
    } catch (error) {
      this.#failed = true;
      this.#takers.shift()?.reject(error);
      for (const { reject } of this.#untilFull.splice(0)) reject(error);
    } finally {
      this.#making--;
      this.#fill();
    }
  }

  /** Replaces a container that somebody has killed while it waited. */
  #lost(container: WaitingContainer): void {
    const at = this.#waiting.indexOf(container);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#delete(container.id);
    this.#fill();
  }

  async #end(container: WaitingContainer): Promise<void> {
    container.dismiss();
    await this.#plan.operations.delete(container.id, true);
  }

  #delete(id: string): void {
    this.#follow(
      this.#plan.operations.delete(id, true).catch((error: Error) => {
        process.emitWarning(`the container ${id} of a pool is not deleted: ${error.message}`);
      }),
    );
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#pending.delete(followed));
    this.#pending.add(followed);
  }
}

const closed = () => new RuntimeError('the pool is closed');

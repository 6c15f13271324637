import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE_FLAGS } from '../../src/node-flags.ts';

/** Containers made before the first that is measured: V8 has compiled what it will. */
const BEFORE = 1000;

/** A davit process that lives as long as the benchmark, as an embedding program does. */
export class Warm {
  readonly #worker: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor({ dist, state, bundle }: { dist: string; state: string; bundle: string }) {
    this.#worker = spawn(
      join(dist, 'node'),
      [
        ...NODE_FLAGS,
        join(import.meta.dirname, 'warm-worker.ts'),
        join(dist, 'index.js'),
        state,
        bundle,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    this.#lines = createInterface({ input: this.#worker.stdout! })[Symbol.asyncIterator]();
  }

  /** Makes what runs long ago of a program that just began. */
  async begin(): Promise<void> {
    for (let i = 0; i < BEFORE; i++) await this.sample();
  }

  /** A whole life of a container that runs /bin/true, in milliseconds. */
  async sample(): Promise<number> {
    this.#worker.stdin!.write('.');
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the warm davit has ended');
    return Number(value);
  }

  async end(): Promise<void> {
    if (this.#worker.exitCode !== null) return;
    this.#worker.stdin!.end();
    await once(this.#worker, 'exit');
  }
}

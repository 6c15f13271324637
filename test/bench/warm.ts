import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE_FLAGS } from '../../src/node-flags.ts';

/** Containers made before the first measured one: V8 has then compiled the functions in use. */
const BEFORE = 1000;

/** A davit process that runs as long as the benchmark, as an embedding program does. */
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

  /** Runs the first containers, so that the measured ones do not include V8's warm-up. */
  async begin(): Promise<void> {
    for (let i = 0; i < BEFORE; i++) await this.sample();
  }

  /** Runs a whole life of a container with /bin/true. Returns milliseconds. */
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

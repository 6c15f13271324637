import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE_FLAGS } from '../../src/node-flags.ts';
import type { Times } from './bench.ts';
import type { CpuAccount } from './cpu-account.ts';

/** Containers made before the first measured one: V8 has then compiled the functions in use. */
const BEFORE = 1000;

/** A davit process that runs as long as the benchmark, as an embedding program does. */
export class Warm {
  readonly #worker: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #account: CpuAccount;

  constructor(options: { dist: string; state: string; bundle: string; account: CpuAccount }) {
    const { dist, state, bundle, account } = options;
    const worker = join(import.meta.dirname, 'warm-worker.ts');
    const args = [...NODE_FLAGS, worker, join(dist, 'index.js'), state, bundle];
    this.#account = account;
    this.#worker = account.within(() =>
      spawn(join(dist, 'node'), args, { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    this.#lines = createInterface({ input: this.#worker.stdout! })[Symbol.asyncIterator]();
  }

  /** Runs the first containers, so that the measured ones do not include V8's warm-up. */
  async begin(): Promise<void> {
    for (let i = 0; i < BEFORE; i++) await this.sample();
  }

  /** Runs a whole life of a container with /bin/true. */
  async sample(): Promise<Times> {
    this.#worker.stdin!.write('.');
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the warm davit has ended');
    return { wall: Number(value), cpu: this.#account.read() };
  }

  async end(): Promise<void> {
    if (this.#worker.exitCode !== null) return;
    this.#worker.stdin!.end();
    await once(this.#worker, 'exit');
  }
}

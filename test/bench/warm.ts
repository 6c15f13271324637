import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE_FLAGS } from '../../src/node-flags.ts';
import type { Sample } from './bench.ts';
import type { CpuAccount } from './cpu-account.ts';

/** How a program that embeds davit makes containers (warm-worker.ts): the names of its rows. */
export const WARM = {
  process: 'a whole run by the API, in one process',
  server: 'a whole run by the API, by a server',
  pool: 'a program in a container of a pool',
};
export type WarmKind = keyof typeof WARM;

/** Containers made before the first measured one: V8 has then compiled the functions in use. */
const BEFORE: Record<WarmKind, number> = { process: 1000, server: 300, pool: 300 };

export interface WarmOptions {
  kind: WarmKind;
  dist: string;
  state: string;
  bundle: string;
  account: CpuAccount;
}

/** A program that embeds davit, and runs as long as the benchmark. */
export class Warm {
  readonly #kind: WarmKind;
  readonly #worker: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #account: CpuAccount;

  constructor({ kind, dist, state, bundle, account }: WarmOptions) {
    const worker = join(import.meta.dirname, 'warm-worker.ts');
    const args = [...NODE_FLAGS, worker, join(dist, 'index.js'), state, bundle, kind];
    this.#kind = kind;
    this.#account = account;
    this.#worker = account.within(() =>
      spawn(join(dist, 'node'), args, { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    this.#lines = createInterface({ input: this.#worker.stdout! })[Symbol.asyncIterator]();
  }

  /** Runs the first containers, so that the measured ones do not include V8's warm-up. */
  async begin(): Promise<void> {
    for (let i = 0; i < BEFORE[this.#kind]; i++) await this.sample();
  }

  /** Runs /bin/true in a container. */
  async sample(): Promise<Sample> {
    this.#worker.stdin!.write('.');
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the warm davit has ended');
    return { [WARM[this.#kind]]: { wall: Number(value), cpu: this.#account.read() } };
  }

  async end(): Promise<void> {
    if (this.#worker.exitCode !== null) return;
    this.#worker.stdin!.end();
    await once(this.#worker, 'exit');
  }
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CpuAccount } from './cpu-account.ts';
import type { Runtime } from './runtimes.ts';

/** davit with a server, which runs as long as the benchmark. */
export class Served {
  readonly runtime: Runtime;
  readonly #server: ChildProcess;

  constructor(davit: Runtime, directory: string, account: CpuAccount) {
    const env = { DAVIT_SERVER: join(directory, 'server', 'socket') };
    this.runtime = { ...davit, name: 'served', env };
    const options = { env: { ...process.env, ...env }, stdio: 'ignore' } as const;
    this.#server = account.within(() => spawn(davit.path, ['serve'], options));
  }

  async begin(): Promise<void> {
    while (!this.#ask('serve', '--status')) await setTimeout(50);
  }

  /** Bytes of memory that the server has for itself. */
  get memory(): number {
    const rollup = readFileSync(`/proc/${this.#server.pid}/smaps_rollup`, 'latin1');
    return Number(/^Rss:\s*(\d+) kB$/m.exec(rollup)![1]) * 1024;
  }

  async end(): Promise<void> {
    this.#server.kill();
    if (this.#server.exitCode === null) await once(this.#server, 'exit');
  }

  #ask(...args: string[]): boolean {
    const { path, env } = this.runtime;
    const options = { env: { ...process.env, ...env }, stdio: 'ignore' } as const;
    return spawnSync(path, args, options).status === 0;
  }
}

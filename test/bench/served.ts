import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CpuAccount } from './cpu-account.ts';
import { residentMemory } from './resident-memory.ts';
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
    return residentMemory(this.#server.pid!);
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

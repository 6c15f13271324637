import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Runtime } from './runtimes.ts';

/** Commands served before the first measured one: V8 has then compiled the functions in use. */
const BEFORE = 300;

/** davit with a server, which runs as long as the benchmark. */
export class Served {
  readonly runtime: Runtime;
  readonly #server: ChildProcess;

  constructor(davit: Runtime, directory: string) {
    const env = { DAVIT_SERVER: join(directory, 'server', 'socket') };
    this.runtime = { ...davit, name: 'served', env };
    const options = { env: { ...process.env, ...env }, stdio: 'ignore' } as const;
    this.#server = spawn(davit.path, ['serve'], options);
  }

  async begin(): Promise<void> {
    while (!this.#ask('serve', '--status')) await setTimeout(50);
    for (let i = 0; i < BEFORE; i++) this.#ask('state', 'none');
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

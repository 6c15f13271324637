import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Sample } from './bench.ts';
import type { Bundles } from './bundles.ts';
import type { CpuAccount } from './cpu-account.ts';
import type { Memory } from './report.ts';
import { residentMemory } from './resident-memory.ts';
import { findProgram } from './runtimes.ts';
import { timed } from './timed.ts';

/** The row of {@link Containerd.sample}. */
export const CTR_RUN = 'ctr run --rm /bin/true';

/** How containerd makes containers: `ctr run`'s flags. */
export const SHIMS: Record<string, readonly string[]> = {
  served: ['--runtime', 'io.containerd.davit.v1'],
  runc: ['--runtime', 'io.containerd.runc.v2'],
  crun: ['--runtime', 'io.containerd.runc.v2', '--runc-binary', 'crun'],
};

export interface ContainerdOptions {
  /** The key in {@link SHIMS}. */
  shim: string;
  /** Where davit's shim is. */
  dist: string;
  directory: string;
  bundles: Bundles;
  account: CpuAccount;
  devNull: number;
}

/** A containerd of its own for one shim. The CPU time is that of ctr, containerd, shim and container. */
export class Containerd {
  readonly #options: ContainerdOptions;
  readonly #ctr = findProgram('ctr', 'containerd');
  readonly #daemon: ChildProcess;
  #count = 0;

  constructor(options: ContainerdOptions) {
    const { directory, dist, account } = options;
    this.#options = options;
    const config = join(directory, 'containerd.toml');
    writeFileSync(config, configuration(directory));
    const env = { ...process.env, PATH: `${dist}:${process.env.PATH}` };
    const containerd = findProgram('containerd', 'containerd');
    this.#daemon = account.within(() =>
      spawn(containerd, ['--config', config], { env, stdio: 'ignore' }),
    );
  }

  async begin(): Promise<void> {
    while (spawnSync(this.#ctr, this.#args('version')).status !== 0) await setTimeout(50);
  }

  /** Runs a container to its end, and removes it. */
  sample(): Sample {
    const { account, bundles } = this.#options;
    const wall = this.#run(['--rm'], bundles.brief);
    return { [CTR_RUN]: { wall, cpu: account.read() } };
  }

  /** Bytes of davit's shim for each container, and in all before. */
  memory(): Memory {
    const { many } = this.#options.bundles;
    const total = residentMemory(this.#davitShim()!);
    const first = this.#count;
    for (const bundle of many) this.#run(['--detach', '--null-io'], bundle);
    const forEach = (residentMemory(this.#davitShim()!) - total) / many.length;
    for (let count = first; count < this.#count; count++) {
      for (const words of [
        ['tasks', 'rm', '--force'],
        ['containers', 'rm'],
      ]) {
        spawnSync(this.#ctr, this.#args(...words, this.#id(count)));
      }
    }
    return { total, forEach, containers: many.length };
  }

  /** Ends everything. */
  async end(): Promise<void> {
    this.#daemon.kill();
    await once(this.#daemon, 'exit');
    const shim = this.#davitShim();
    // Nobody uses it any more: it removes its socket.
    if (shim !== undefined) process.kill(shim);
    while (this.#davitShim() !== undefined) await setTimeout(20);
    await this.#options.account.killAll();
    const group = this.#socket.split('/').map((part) => `-${part}`);
    rmSync(join('/run/davit/shim/groups', group.join('')), { recursive: true, force: true });
    for (const parent of ['davit', 'runc']) {
      rmSync(join('/run/containerd', parent, NAMESPACE), { recursive: true, force: true });
    }
  }

  #run(flags: readonly string[], bundle: string): number {
    const { shim, account, devNull } = this.#options;
    const id = this.#id(this.#count++);
    const config = ['--config', join(bundle, 'config.json')];
    const args = this.#args('run', ...SHIMS[shim]!, ...flags, ...config, id);
    return account.within(() => timed(this.#ctr, args, { devNull }));
  }

  #id(count: number): string {
    return `bench-${this.#options.shim}-${process.pid}-${count}`;
  }

  #args(...args: string[]): string[] {
    return ['--address', this.#socket, '--namespace', NAMESPACE, ...args];
  }

  get #socket(): string {
    return join(this.#options.directory, 'sock');
  }

  /** The pid of davit's shim, while it runs. */
  #davitShim(): number | undefined {
    return this.#options.account.processes().find((pid) => commandOf(pid) === DAVIT_SHIM);
  }
}

const DAVIT_SHIM = 'containerd-shim-davit-v1';

/** The first word of a process's command line. Empty if it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split(/[ \0]/)[0]!;
  } catch {
    return '';
  }
}

const NAMESPACE = `davit-bench-${process.pid}`;

const configuration = (directory: string): string => `version = 2
root = "${directory}/root"
state = "${directory}/tasks"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${directory}/sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${directory}/opt"
`;

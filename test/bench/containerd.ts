import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Sample } from './bench.ts';
import type { Bundles } from './bundles.ts';
import type { CpuAccount } from './cpu-account.ts';
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
  #count = 0;

  constructor(options: ContainerdOptions) {
    const { directory, dist, account } = options;
    this.#options = options;
    const config = join(directory, 'containerd.toml');
    writeFileSync(config, configuration(directory));
    const env = { ...process.env, PATH: `${dist}:${process.env.PATH}` };
    const containerd = findProgram('containerd', 'containerd');
    account.within(() => spawn(containerd, ['--config', config], { env, stdio: 'ignore' }));
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

  /** Bytes of davit's shim for each container, and in all before. Leaves the containers. */
  memory(): { total: number; forEach: number; containers: number } {
    const { many } = this.#options.bundles;
    const total = this.#shimMemory();
    for (const bundle of many) this.#run(['--detach', '--null-io'], bundle);
    const forEach = (this.#shimMemory() - total) / many.length;
    return { total, forEach, containers: many.length };
  }

  /** Ends everything. */
  async end(): Promise<void> {
    await this.#options.account.killAll();
    for (const parent of ['davit', 'runc']) {
      rmSync(join('/run/containerd', parent, NAMESPACE), { recursive: true, force: true });
    }
  }

  #run(flags: readonly string[], bundle: string): number {
    const { shim, account, devNull } = this.#options;
    const id = `bench-${shim}-${process.pid}-${this.#count++}`;
    const config = ['--config', join(bundle, 'config.json')];
    const args = this.#args('run', ...SHIMS[shim]!, ...flags, ...config, id);
    return account.within(() => timed(this.#ctr, args, { devNull }));
  }

  #args(...args: string[]): string[] {
    return ['--address', join(this.#options.directory, 'sock'), '--namespace', NAMESPACE, ...args];
  }

  #shimMemory(): number {
    const shim = this.#options.account
      .processes()
      .find((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('containerd-shim-d'),
      );
    return residentMemory(shim!);
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

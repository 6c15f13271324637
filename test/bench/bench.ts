import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundles } from './bundles.ts';
import type { CpuAccount } from './cpu-account.ts';
import type { Runtime } from './runtimes.ts';
import { awaitEnd, timed } from './timed.ts';

/** Milliseconds. */
export interface Times {
  wall: number;
  /** CPU time of everything: the command, the container and the server. */
  cpu?: number;
}

/** Times by the name of what is timed. */
export type Sample = Record<string, Times>;

/** One runtime's containers, in a state directory of its own. */
export class Bench {
  readonly name: string;
  /** Commands that have been run. */
  commands = 0;
  readonly #runtime: Runtime;
  readonly #directory: string;
  readonly #bundles: Bundles;
  readonly #account: CpuAccount;
  readonly #devNull: number;
  #count = 0;

  constructor(options: {
    runtime: Runtime;
    directory: string;
    bundles: Bundles;
    account: CpuAccount;
    devNull: number;
  }) {
    this.name = options.runtime.name;
    this.#runtime = options.runtime;
    this.#directory = options.directory;
    this.#bundles = options.bundles;
    this.#account = options.account;
    this.#devNull = options.devNull;
  }

  /** Starts the container that `exec` and `state` are timed on. */
  begin(): void {
    this.#time('run', '--detach', '--bundle', this.#bundles.lasting, this.#id('lasting'));
  }

  end(): void {
    this.#time('delete', '--force', this.#id('lasting'));
  }

  /** Times each command once. */
  sample(): Sample {
    const run = this.#time('run', '--bundle', this.#bundles.brief, this.#id('run'));
    const { create, start, remove } = this.#cycle();
    return {
      'run /bin/true': run,
      create,
      start,
      delete: remove,
      'create + start + delete': sum(create, start, remove),
      'exec /bin/true': this.#time('exec', this.#id('lasting'), '/bin/true'),
      state: this.#time('state', this.#id('lasting')),
      // sleep(1) ignores SIGWINCH, so the container runs on.
      kill: this.#time('kill', this.#id('lasting'), 'WINCH'),
    };
  }

  /** Makes `count` containers. Returns what removes them. */
  fill(count: number): Disposable {
    const ids = Array.from({ length: count }, (_, i) => this.#id(`filling${i}`));
    const { many } = this.#bundles;
    for (const [i, id] of ids.entries()) this.#time('run', '--detach', '--bundle', many[i]!, id);
    return {
      [Symbol.dispose]: () => {
        for (const id of ids) this.#time('delete', '--force', id);
      },
    };
  }

  #cycle() {
    const id = this.#id(`cycle${this.#count++}`);
    const pidFile = join(this.#directory, 'pid');
    const { brief } = this.#bundles;
    const create = this.#time('create', '--bundle', brief, '--pid-file', pidFile, id);
    const start = this.#time('start', id);
    awaitEnd(Number(readFileSync(pidFile, 'latin1')));
    // What the program itself takes is not for `delete`.
    start.cpu = start.cpu! + this.#account.read();
    return { create, start, remove: this.#time('delete', id) };
  }

  /** An id that is unique on the machine. */
  #id(name: string): string {
    return `bench-${this.name}-${process.pid}-${name}`;
  }

  #time(...args: string[]): Times {
    const state = ['--root', join(this.#directory, 'state')];
    const { path, env } = this.#runtime;
    const options = { devNull: this.#devNull, env };
    this.commands++;
    const wall = this.#account.within(() => timed(path, [...state, ...args], options));
    return { wall, cpu: this.#account.read() };
  }
}

const sum = (...times: Times[]): Times => ({
  wall: times.reduce((total, { wall }) => total + wall, 0),
  cpu: times.reduce((total, { cpu = 0 }) => total + cpu, 0),
});

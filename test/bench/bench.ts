import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundles } from './bundles.ts';
import type { Runtime } from './runtimes.ts';
import { awaitEnd, timed } from './timed.ts';

/** Milliseconds by the name of what is timed. */
export type Sample = Record<string, number>;

/** One runtime's containers, in a state directory of its own. */
export class Bench {
  readonly name: string;
  readonly #runtime: Runtime;
  readonly #directory: string;
  readonly #bundles: Bundles;
  readonly #devNull: number;
  #count = 0;

  constructor(options: {
    runtime: Runtime;
    directory: string;
    bundles: Bundles;
    devNull: number;
  }) {
    this.name = options.runtime.name;
    this.#runtime = options.runtime;
    this.#directory = options.directory;
    this.#bundles = options.bundles;
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
      'create + start + delete': create + start + remove,
      'exec /bin/true': this.#time('exec', this.#id('lasting'), '/bin/true'),
      state: this.#time('state', this.#id('lasting')),
      // sleep(1) ignores SIGWINCH, so the container runs on.
      kill: this.#time('kill', this.#id('lasting'), 'WINCH'),
    };
  }

  #cycle() {
    const id = this.#id(`cycle${this.#count++}`);
    const pidFile = join(this.#directory, 'pid');
    const { brief } = this.#bundles;
    const create = this.#time('create', '--bundle', brief, '--pid-file', pidFile, id);
    const start = this.#time('start', id);
    awaitEnd(Number(readFileSync(pidFile, 'latin1')));
    return { create, start, remove: this.#time('delete', id) };
  }

  /** An id that is unique on the machine, because the cgroup is named after it. */
  #id(name: string): string {
    return `bench-${this.name}-${process.pid}-${name}`;
  }

  #time(...args: string[]): number {
    const state = ['--root', join(this.#directory, 'state')];
    const { path, env } = this.#runtime;
    return timed(path, [...state, ...args], { devNull: this.#devNull, env });
  }
}

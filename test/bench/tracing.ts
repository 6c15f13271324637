import { join } from 'node:path';
import type { Sample } from './bench.ts';
import { timed } from './timed.ts';

export const TRACED = 'run /bin/true, traces stored';
export const UNTRACED = 'run /bin/true, OTEL_SDK_DISABLED=true';

/**
 * What storing traces costs: the same run with and without the store, each of them first in turn.
 */
export class Tracing {
  readonly #options: { davit: string; directory: string; bundle: string; devNull: number };

  constructor(options: { davit: string; directory: string; bundle: string; devNull: number }) {
    this.#options = options;
  }

  sample(round: number): Sample {
    const names = round % 2 === 0 ? [TRACED, UNTRACED] : [UNTRACED, TRACED];
    return Object.fromEntries(names.map((name) => [name, { wall: this.#time(name === UNTRACED) }]));
  }

  #time(off: boolean): number {
    const { davit, directory, bundle, devNull } = this.#options;
    const root = join(directory, 'state');
    const id = `bench-traced-${process.pid}`;
    const env = { OTEL_SDK_DISABLED: String(off) };
    return timed(davit, ['--root', root, 'run', '--bundle', bundle, id], { devNull, env });
  }
}

import type { PluginCall } from '../../bus/events.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import type { LoadedPlugin } from '../load/loaded-plugin.ts';
import type { PluginError } from './plugin-error.ts';
import { withinLimit } from './within-limit.ts';

/** Calls plugins' awaited functions, each within its timeout. */
export class PluginCaller {
  readonly #calls: PluginCall[];

  /** `calls` gets an entry for each call. */
  constructor(calls: PluginCall[]) {
    this.#calls = calls;
  }

  /** `call` is `before`, `detail` is ` pivotRoot`. Throws {@link PluginError}. */
  async await<T>(
    { plugin: { name }, timeout }: LoadedPlugin,
    call: string,
    detail: string,
    action: (signal: AbortSignal) => T | Promise<T>,
  ): Promise<T> {
    const begin = monotonicNs();
    const done = (error?: PluginError) => {
      this.#calls.push({ plugin: name, call, begin, end: monotonicNs(), error });
    };
    try {
      const answer = await withinLimit({ plugin: name, what: call + detail, timeout }, action);
      done();
      return answer;
    } catch (error) {
      done(error as PluginError);
      throw error;
    }
  }
}

import { FairDeadline } from '../../syscalls/time/fair-deadline.ts';
import { PluginError, PluginTimeout } from './plugin-error.ts';
import { awaitWatched } from './watched.ts';
import type { WatchedFunction } from './watched-function.ts';

/**
 * Awaits a plugin's function for at most `timeout` milliseconds, not counting time in which davit
 * could not run. A failure or timeout becomes an error that names the plugin and `what` it did.
 */
export async function withinLimit<T>(
  work: WatchedFunction,
  call: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const { plugin, what, timeout } = work;
  const controller = new AbortController();
  const expiry = Promise.withResolvers<never>();
  const deadline = new FairDeadline(timeout);
  const expire = () => {
    const left = deadline.remaining();
    if (left > 0) {
      timer = setTimeout(expire, left);
      return;
    }
    controller.abort();
    expiry.reject(new PluginTimeout(plugin, what, timeout));
  };
  let timer = setTimeout(expire, timeout);
  try {
    return await awaitWatched(work, () =>
      Promise.race([(async () => call(controller.signal))(), expiry.promise]),
    );
  } catch (error) {
    throw error instanceof PluginError ? error : new PluginError(plugin, what, error);
  } finally {
    clearTimeout(timer);
  }
}

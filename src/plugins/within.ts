import { PluginError } from './plugin-error.ts';

/**
 * Awaits a plugin's function, at most `timeout` milliseconds. What it throws, and that it does not
 * answer, is an error that names the plugin and `what` it was doing.
 */
export async function within<T>(
  { plugin, what, timeout }: { plugin: string; what: string; timeout: number },
  call: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const expiry = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    controller.abort();
    expiry.reject(new PluginError(plugin, what, `no answer within ${timeout} ms`));
  }, timeout);
  try {
    const answer = Promise.resolve(call(controller.signal));
    return await Promise.race([answer, expiry.promise]);
  } catch (error) {
    throw error instanceof PluginError ? error : new PluginError(plugin, what, error);
  } finally {
    clearTimeout(timer);
  }
}

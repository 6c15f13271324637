import type { LifecycleBus, Listener } from '../lifecycle/bus.ts';
import { type Occasion, pluginContext } from './extend.ts';
import type { LoadedPlugin } from './load.ts';

/** Whether any of the plugins listens to events. */
export const listens = (plugins: readonly LoadedPlugin[]): boolean =>
  plugins.some(({ plugin }) => Object.keys(plugin.on ?? {}).length > 0);

/** Whether init has to say when a stage begins: what it tells anyhow is when one has ended. */
export const wantsBegins = (plugins: readonly LoadedPlugin[]): boolean =>
  plugins.some(({ plugin }) =>
    Object.keys(plugin.on ?? {}).some((name) => name.endsWith(':before')),
  );

/** Has plugins told of events. What a listener throws becomes a warning. */
export function listen(
  plugins: readonly LoadedPlugin[],
  bus: LifecycleBus<string>,
  occasion: Occasion,
): void {
  for (const loaded of plugins) {
    const context = pluginContext(loaded, occasion);
    for (const [event, listener] of Object.entries(loaded.plugin.on ?? {})) {
      const fail = (error: unknown) =>
        context.log(`${event}: ${error instanceof Error ? error.message : error}`);
      const guarded: Listener<unknown> = async (payload) => {
        try {
          await (listener as (payload: unknown, context: unknown) => unknown)(payload, context);
        } catch (error) {
          fail(error);
        }
      };
      bus.on(event as 'container:created', guarded);
    }
  }
}

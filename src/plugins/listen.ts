import type { LifecycleBus, Listener } from '../lifecycle/bus.ts';
import type { ContainerEvent } from '../lifecycle/events.ts';
import type { PluginContext } from './api.ts';
import { type Occasion, pluginContext } from './extend.ts';
import type { LoadedPlugin } from './loaded.ts';

/** Whether any of the plugins listens to events. */
export const listens = (plugins: readonly LoadedPlugin[]): boolean =>
  plugins.some(({ plugin }) => Object.keys(plugin.on ?? {}).length > 0);

/** Whether init has to say when a stage begins: what it tells anyhow is when one has ended. */
export const wantsBegins = (plugins: readonly LoadedPlugin[]): boolean =>
  plugins.some(({ plugin }) =>
    Object.keys(plugin.on ?? {}).some((name) => name.endsWith(':before')),
  );

/**
 * Has plugins told of the container's events; gives what ends it. What a listener throws becomes a
 * warning. The bus may be an embedding program's, with other containers' events.
 */
export function listen(
  plugins: readonly LoadedPlugin[],
  bus: LifecycleBus<string>,
  occasion: Occasion,
): () => void {
  const ends: (() => void)[] = [];
  for (const loaded of plugins) {
    const context = pluginContext(loaded, occasion);
    for (const [name, listener] of Object.entries(loaded.plugin.on ?? {})) {
      const event = name as 'container:created';
      const guarded: Listener<ContainerEvent> = async (payload) => {
        if (payload.id !== occasion.id) return;
        try {
          await (listener as PluginListener)(payload, context);
        } catch (error) {
          context.log(`${event}: ${error instanceof Error ? error.message : error}`);
        }
      };
      bus.on(event, guarded);
      ends.push(() => bus.off(event, guarded));
    }
  }
  return () => {
    for (const end of ends) end();
  };
}

type PluginListener = (payload: unknown, context: PluginContext) => unknown;

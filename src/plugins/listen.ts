import type { LifecycleBus, Listener } from '../lifecycle/bus.ts';
import type { ContainerEvent } from '../lifecycle/events.ts';
import type { StageSpans } from '../telemetry/stage-spans.ts';
import type { PluginContext } from './api.ts';
import { atWork } from './at-work.ts';
import { type Occasion, pluginContext } from './extend.ts';
import { ListenerCalls } from './listener-calls.ts';
import type { LoadedPlugin } from './loaded.ts';

/** Milliseconds for what listeners have begun to be done when the command is. */
const LISTENERS_TIME = 1000;

/** Whether any of the plugins listens to events. */
export const listens = (plugins: readonly LoadedPlugin[]): boolean =>
  plugins.some(({ plugin }) => Object.keys(plugin.on ?? {}).length > 0);

/** Whether init has to say when a stage begins: what it tells anyhow is when one has ended. */
export const wantsBegins = (plugins: readonly LoadedPlugin[]): boolean =>
  plugins.some(({ plugin }) =>
    Object.keys(plugin.on ?? {}).some((name) => name.endsWith(':before')),
  );

/** What plugins listen to in a command. */
export interface Listening {
  /**
   * Lets listeners finish what they have begun, as a part of the span `spanId`, and tells them no more.
   * Gives what they took that has no span of its own.
   */
  end(spanId: string): Promise<string[]>;
}

/**
 * Has plugins told of the container's events. What a listener throws becomes a warning. The bus may be
 * an embedding program's, with other containers' events.
 */
export function listen(
  plugins: readonly LoadedPlugin[],
  bus: LifecycleBus<string>,
  occasion: Occasion,
  spans: StageSpans,
): Listening {
  const calls = new ListenerCalls(spans);
  const ends: (() => void)[] = [];
  for (const loaded of plugins) {
    const context = pluginContext(loaded, occasion);
    for (const [event, listener] of Object.entries(loaded.plugin.on ?? {})) {
      const whose = { plugin: loaded.plugin.name, event };
      const failed = (error: unknown) =>
        context.log(`${event}: ${error instanceof Error ? error.message : error}`);
      const guarded: Listener<ContainerEvent> = (payload) => {
        if (payload.id !== occasion.id) return;
        const work = { plugin: whose.plugin, what: event, timeout: loaded.timeout };
        const call = () => atWork(work, () => (listener as PluginListener)(payload, context));
        calls.call(whose, call, failed);
      };
      bus.on(event as 'container:created', guarded);
      ends.push(() => bus.off(event as 'container:created', guarded));
    }
  }
  return {
    async end(spanId) {
      const unfinished = await calls.end(spanId, LISTENERS_TIME);
      for (const end of ends) end();
      for (const { plugin, event } of unfinished) {
        occasion.warn(`plugin ${plugin}: ${event}: not done within ${LISTENERS_TIME} ms`);
      }
      return calls.short;
    },
  };
}

type PluginListener = (payload: unknown, context: PluginContext) => unknown;

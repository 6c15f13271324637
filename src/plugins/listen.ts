import type { Span } from '@opentelemetry/api';
import type { LifecycleBus, Listener } from '../bus/bus.ts';
import type { ContainerEvent } from '../bus/events.ts';
import type { CommandSpans } from '../trace/record/command-spans.ts';
import type { PluginContext } from './api.ts';
import { ListenerCalls } from './call/listener-calls.ts';
import { pluginContext } from './call/plugin-context.ts';
import type { PluginSession } from './call/plugin-session.ts';
import { runWatched } from './call/watched.ts';
import type { LoadedPlugin } from './load/loaded-plugin.ts';

/** Milliseconds to wait for listeners' promises at the end of a command. */
const LISTENERS_TIME = 1000;

/** Waits for listeners' promises, as a part of `span`. Returns sums of the calls without spans. */
export type FinishListeners = (span: Span) => Promise<string[]>;

/**
 * Subscribes plugins' listeners to the container's events. Undefined when there are none. What a
 * listener throws becomes a warning.
 */
export function listen(
  plugins: readonly LoadedPlugin[],
  bus: LifecycleBus,
  session: PluginSession,
  spans: CommandSpans,
): FinishListeners | undefined {
  const calls = new ListenerCalls(spans);
  let listening = false;
  for (const loaded of plugins) {
    const context = pluginContext(loaded, session);
    for (const [event, listener] of Object.entries(loaded.plugin.on ?? {})) {
      listening = true;
      const whose = { plugin: loaded.plugin.name, event };
      const failed = (error: unknown) =>
        context.log(`${event}: ${error instanceof Error ? error.message : error}`);
      const timed: Listener<ContainerEvent> = (payload) => {
        const work = { plugin: whose.plugin, what: event, timeout: loaded.timeout };
        const call = () => runWatched(work, () => (listener as PluginListener)(payload, context));
        calls.call(whose, call, failed);
      };
      bus.on(event as 'container:created', timed);
    }
  }
  if (!listening) return undefined;
  return async (span) => {
    for (const { plugin, event } of await calls.end(span, LISTENERS_TIME)) {
      session.warn(`plugin ${plugin}: ${event}: not done within ${LISTENERS_TIME} ms`);
    }
    return calls.short;
  };
}

type PluginListener = (payload: unknown, context: PluginContext) => unknown;

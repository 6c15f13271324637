import type { LifecycleBus } from '../lifecycle/bus.ts';
import type { StageSpans } from '../telemetry/stage-spans.ts';
import { guardProcess } from './guard-process.ts';
import { finishLeftovers } from './leftovers.ts';
import { type FinishListeners, listen } from './listen.ts';
import type { Occasion } from './occasion.ts';
import type { PluginLoader } from './requested.ts';
import { subscribePlugins } from './subscribe.ts';

/** Where plugins take part in a command. */
export interface CommandUnderWay {
  bus: LifecycleBus;
  spans: StageSpans;
  /** The command line that starts this process again, where it is davit's own. */
  restart: readonly string[] | undefined;
}

/** What plugins have begun in a command. */
export interface Plugged {
  /** What they note of the container. */
  notes: Occasion['notes'];
  /** Absent when nobody listens, in an embedding program. */
  finish: FinishListeners | undefined;
}

/** Has plugins subscribe to the bus of a command; undefined when there are none. */
export async function plugIn(
  load: PluginLoader,
  occasion: Occasion,
  { bus, spans, restart }: CommandUnderWay,
): Promise<Plugged | undefined> {
  if (restart) guardProcess(restart, (message) => occasion.warn(message));
  const plugins = await load();
  if (plugins.length === 0) return undefined;
  subscribePlugins(plugins, bus, occasion);
  const finishListeners = listen(plugins, bus, occasion, spans);
  // The event loop of an embedding program is its own affair.
  if (!restart) return { notes: occasion.notes, finish: finishListeners };
  const finish: FinishListeners = async (spanId) => {
    const short = (await finishListeners?.(spanId)) ?? [];
    await finishLeftovers(plugins, occasion.warn);
    return short;
  };
  return { notes: occasion.notes, finish };
}

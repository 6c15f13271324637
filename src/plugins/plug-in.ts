import type { LifecycleBus } from '../lifecycle/bus.ts';
import type { CommandSpans } from '../trace/record/command-spans.ts';
import { guardProcess } from './call/guard-process.ts';
import { finishLeftovers } from './call/leftovers.ts';
import type { PluginSession } from './call/plugin-session.ts';
import { type FinishListeners, listen } from './listen.ts';
import type { PluginLoader } from './load/requested.ts';
import { subscribePlugins } from './subscribe.ts';

/** Where plugins take part in a command. */
export interface CommandUnderWay {
  bus: LifecycleBus;
  spans: CommandSpans;
  /** The command line that starts this process again, where it is davit's own. */
  restart: readonly string[] | undefined;
}

/** What plugins have begun in a command. */
export interface Plugged {
  /** What they note of the container. */
  notes: PluginSession['notes'];
  /** Absent when nobody listens, in an embedding program. */
  finish: FinishListeners | undefined;
}

/** Has plugins subscribe to the bus of a command; undefined when there are none. */
export async function plugIn(
  load: PluginLoader,
  session: PluginSession,
  { bus, spans, restart }: CommandUnderWay,
): Promise<Plugged | undefined> {
  if (restart) guardProcess(restart, (message) => session.warn(message));
  const plugins = await load();
  if (plugins.length === 0) return undefined;
  subscribePlugins(plugins, bus, session);
  const finishListeners = listen(plugins, bus, session, spans);
  // The event loop of an embedding program is its own affair.
  if (!restart) return { notes: session.notes, finish: finishListeners };
  const finish: FinishListeners = async (span) => {
    const short = (await finishListeners?.(span)) ?? [];
    await finishLeftovers(plugins, session.warn);
    return short;
  };
  return { notes: session.notes, finish };
}

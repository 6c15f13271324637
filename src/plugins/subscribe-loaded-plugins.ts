import type { LifecycleBus } from '../bus/bus.ts';
import type { CommandLine } from '../init/restart.ts';
import type { CommandSpans } from '../trace/record/command-spans.ts';
import { awaitPendingWork } from './call/await-pending-work.ts';
import { guardProcess } from './call/guard-process.ts';
import type { PluginSession } from './call/plugin-session.ts';
import { type FinishListeners, listen } from './listen.ts';
import type { PluginLoader } from './load/requested.ts';
import { subscribePlugins } from './subscribe.ts';

/** The command in which plugins take part. */
interface RunningCommand {
  bus: LifecycleBus;
  spans: CommandSpans;
  /** Argv to run this command again; undefined in an embedding program. */
  restart: CommandLine | undefined;
}

/** What the end of a command needs from its plugins. */
export interface CommandPlugins {
  /** The plugins' notes about the container. */
  notes: PluginSession['notes'];
  /** Absent in an embedding program without listeners. */
  finish: FinishListeners | undefined;
}

/** Subscribes plugins to the bus of a command. Undefined when there are none. */
export async function subscribeLoadedPlugins(
  load: PluginLoader,
  session: PluginSession,
  { bus, spans, restart }: RunningCommand,
): Promise<CommandPlugins | undefined> {
  if (restart) guardProcess(restart, (message) => session.warn(message));
  const plugins = await load();
  if (plugins.length === 0) return undefined;
  subscribePlugins(plugins, bus, session);
  const finishListeners = listen(plugins, bus, session, spans);
  // An embedding program's event loop is not davit's to wait for.
  if (!restart) return { notes: session.notes, finish: finishListeners };
  const finish: FinishListeners = async (span) => {
    const short = (await finishListeners?.(span)) ?? [];
    await awaitPendingWork(plugins, session.warn);
    return short;
  };
  return { notes: session.notes, finish };
}

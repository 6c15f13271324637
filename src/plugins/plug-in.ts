import { LifecycleBus } from '../lifecycle/bus.ts';
import type { Extensions } from '../lifecycle/extensions.ts';
import type { CommandName } from './api.ts';
import { extend } from './extend.ts';
import { listen, listens, wantsBegins } from './listen.ts';
import type { LoadedPlugin } from './loaded.ts';

/** Milliseconds for what listeners have begun to be done when the command is. */
const LISTENERS_TIME = 1000;

/** The command that plugins are to take part in. */
export interface PluggedOccasion {
  id: string;
  command: CommandName;
  /** CLOCK_MONOTONIC nanoseconds. */
  start: bigint;
  /** The embedding program's. */
  bus: LifecycleBus<string> | undefined;
  log: { warning(message: string): void };
}

/** What plugins want of a command. */
export interface Plugged {
  extensions: Extensions;
  /** Where they listen; absent when nobody does. */
  bus: LifecycleBus<string> | undefined;
  /** init has to say when a stage begins. */
  announce: boolean;
  /** Stages that must be asked about before, and after. */
  intercept: Iterable<string>;
  interceptAfter: Iterable<string>;
  /** Lets listeners finish what they have begun, for a second at most, and tells them no more. */
  end(): Promise<void>;
}

/** Has plugins take part in a command; undefined when there are none. */
export function plugIn(
  plugins: readonly LoadedPlugin[],
  { id, command, start, bus: existing, log }: PluggedOccasion,
): Plugged | undefined {
  if (plugins.length === 0) return undefined;
  const warn = (message: string) => log.warning(message);
  const occasion = { id, command, start, notes: {}, warn };
  const extensions = extend(plugins, occasion);
  const bus = existing ?? (listens(plugins) ? new LifecycleBus<string>() : undefined);
  const unlisten = bus && listen(plugins, bus, occasion);
  return {
    extensions,
    bus,
    announce: wantsBegins(plugins),
    intercept: extensions.inRuntime.before.keys(),
    interceptAfter: extensions.inRuntime.after.keys(),
    async end() {
      await bus?.settled(LISTENERS_TIME);
      unlisten?.();
    },
  };
}

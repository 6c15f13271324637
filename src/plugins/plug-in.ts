import { LifecycleBus } from '../lifecycle/bus.ts';
import type { Extensions } from '../lifecycle/extensions.ts';
import type { StageSpans } from '../telemetry/stage-spans.ts';
import type { CommandName } from './api.ts';
import { extend } from './extend.ts';
import { guardProcess } from './guard-process.ts';
import { type Listening, listen, listens, wantsBegins } from './listen.ts';
import type { PluginLoader } from './requested.ts';

/** The command that plugins are to take part in. */
export interface PluggedOccasion {
  id: string;
  command: CommandName;
  /** CLOCK_MONOTONIC nanoseconds. */
  start: bigint;
  /** The embedding program's. */
  bus: LifecycleBus<string> | undefined;
  log: { warning(message: string): void };
  /** The command line that starts this process again, where it is davit's own. */
  restart: readonly string[] | undefined;
  spans: StageSpans;
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
  /** Absent when nobody listens. */
  listening: Listening | undefined;
}

/** Has plugins take part in a command; undefined when there are none. */
export async function plugIn(
  load: PluginLoader,
  { id, command, start, bus: existing, log, spans, restart }: PluggedOccasion,
): Promise<Plugged | undefined> {
  const warn = (message: string) => log.warning(message);
  if (restart) guardProcess(restart, warn);
  const plugins = await load();
  if (plugins.length === 0) return undefined;
  const occasion = { id, command, start, notes: {}, warn };
  const extensions = extend(plugins, occasion);
  const bus = existing ?? (listens(plugins) ? new LifecycleBus<string>() : undefined);
  return {
    extensions,
    bus,
    announce: wantsBegins(plugins),
    intercept: extensions.inRuntime.before.keys(),
    interceptAfter: extensions.inRuntime.after.keys(),
    listening: listens(plugins) ? listen(plugins, bus!, occasion, spans) : undefined,
  };
}

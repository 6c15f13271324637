import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import type { PluginContext } from '../api.ts';
import type { LoadedPlugin } from '../load/loaded-plugin.ts';
import { exclusively } from './exclusively.ts';
import type { PluginSession } from './plugin-session.ts';

/** What every function of the plugin gets. */
export function pluginContext(
  { plugin: { name }, options }: LoadedPlugin,
  { id, command, start, notes, warn }: PluginSession,
): PluginContext {
  return {
    id,
    command,
    options,
    exclusively,
    get notes() {
      notes[name] ??= {};
      return notes[name];
    },
    elapsed: () => Number(monotonicNs() - start) / 1e6,
    log: (message) => warn(`plugin ${name}: ${message}`),
  };
}

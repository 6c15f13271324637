import { stageNames } from '../../lifecycle/stages.ts';
import type { Plugin } from '../api.ts';
import { PluginError } from '../call/plugin-error.ts';
import { runWatched } from '../call/watched.ts';
import { checkPlugin } from './check-plugin.ts';

export const DEFAULT_TIMEOUT = 5000;

/** A loaded and checked plugin. */
export interface LoadedPlugin {
  plugin: Plugin;
  /** Absolute path of its module; absent for a plugin of an embedding program. */
  file?: string | undefined;
  /** `--plugin`, or the configuration file's path. */
  from: string;
  /** The result of its `options` function, or the options as given. */
  options: unknown;
  /** Milliseconds that one of its functions may take. */
  timeout: number;
}

/** Checks what a module exports, and calls its `options` function. */
export function initializePlugin(
  value: unknown,
  { options, ...rest }: Omit<LoadedPlugin, 'plugin' | 'options'> & { options?: unknown },
): LoadedPlugin {
  const plugin = checkPlugin(value, rest.file ?? rest.from);
  if (!plugin.options) return { plugin, options, ...rest };
  try {
    const work = { plugin: plugin.name, what: 'options', timeout: rest.timeout };
    const own = runWatched(work, () => plugin.options!(options, { stages: stageNames() }));
    return { plugin, options: own, ...rest };
  } catch (error) {
    throw new PluginError(plugin.name, 'options', error);
  }
}

/** Throws when two plugins have the same name. */
export function refuseSameNames(plugins: LoadedPlugin[]): LoadedPlugin[] {
  const byName = new Map<string, LoadedPlugin>();
  for (const loaded of plugins) {
    const { name } = loaded.plugin;
    const other = byName.get(name);
    if (other) {
      const places = [other, loaded].map(({ file, from }) => file ?? from).join(' and ');
      throw new PluginError(name, `is loaded twice: ${places}`);
    }
    byName.set(name, loaded);
  }
  return plugins;
}

import { createRequire } from 'node:module';
import { PluginError } from '../call/plugin-error.ts';
import { runWatched } from '../call/watched.ts';
import type { PluginSource } from './config-file.ts';
import {
  DEFAULT_TIMEOUT,
  initializePlugin,
  type LoadedPlugin,
  refuseSameNames,
} from './loaded-plugin.ts';
import { prepareModules } from './modules.ts';
import type { PluginRequest } from './requested.ts';
import { locate, pluginSources } from './sources.ts';

/** Loads the requested plugins, in their order. */
export function loadPlugins(request: PluginRequest): LoadedPlugin[] {
  const sources = pluginSources(request);
  if (sources.length > 0) prepareModules(request);
  return refuseSameNames(sources.map(load));
}

function load(source: PluginSource): LoadedPlugin {
  const { from, options, timeout = DEFAULT_TIMEOUT } = source;
  const file = locate(source);
  let module: { default?: unknown };
  try {
    // A short `timeout` limits the plugin's functions, not its loading.
    const work = { plugin: file, what: 'load', timeout: Math.max(DEFAULT_TIMEOUT, timeout) };
    module = runWatched(work, () => createRequire(source.base)(file));
  } catch (error) {
    throw new PluginError(file, 'cannot be loaded', error);
  }
  // A CommonJS module is its own default export. One compiled from an ES module has it as
  // `default`.
  const value = module?.default ?? module;
  return initializePlugin(value, { file, from, options, timeout });
}

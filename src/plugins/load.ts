import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Plugin } from './api.ts';
import { checkPlugin } from './check-plugin.ts';
import { type PluginSource, readConfigFile } from './config-file.ts';
import { prepareModules } from './modules.ts';
import { PluginError } from './plugin-error.ts';
import type { PluginRequest } from './requested.ts';

export const DEFAULT_TIMEOUT = 5000;

/** A plugin, ready to be asked. */
export interface LoadedPlugin {
  plugin: Plugin;
  /** Absolute path of its module; absent for one that an embedding program gave. */
  file?: string | undefined;
  /** `--plugin`, or the configuration file's path. */
  from: string;
  /** As its own `options` made them. */
  options: unknown;
  /** Milliseconds an awaited function may take. */
  timeout: number;
}

/** Loads the configuration file's plugins and then those of --plugin, each in the order given. */
export function loadPlugins({ given, configFile }: PluginRequest): LoadedPlugin[] {
  const sources = configFile === undefined ? [] : readConfigFile(configFile);
  const base = join(process.cwd(), 'davit');
  for (const specifier of given) sources.push({ specifier, base, from: '--plugin' });
  if (sources.length > 0) prepareModules();
  return distinct(sources.map(load));
}

/** The plugins of an embedding program. */
export const givenPlugins = (plugins: readonly Plugin[]): LoadedPlugin[] =>
  distinct(
    plugins.map((plugin) => ready(plugin, { from: 'the program', timeout: DEFAULT_TIMEOUT })),
  );

function load({ specifier, base, from, options, timeout = DEFAULT_TIMEOUT }: PluginSource) {
  const require = createRequire(base);
  const file = locate(specifier, base, require);
  let module: { default?: unknown };
  try {
    module = require(file);
  } catch (error) {
    throw new PluginError(file, 'cannot be loaded', error);
  }
  // A CommonJS module is its own default; one compiled to it from an ES module has one inside.
  const value = module?.default ?? module;
  return ready(value, { file, from, options, timeout });
}

function ready(
  value: unknown,
  { options, ...rest }: Omit<LoadedPlugin, 'plugin' | 'options'> & { options?: unknown },
): LoadedPlugin {
  const plugin = checkPlugin(value, rest.file ?? rest.from);
  if (!plugin.options) return { plugin, options, ...rest };
  try {
    return { plugin, options: plugin.options(options), ...rest };
  } catch (error) {
    throw new PluginError(plugin.name, 'options', error);
  }
}

/** A path is relative to the configuration file or the working directory; a package is looked up from there. */
function locate(specifier: string, base: string, require: NodeJS.Require): string {
  const path = resolve(dirname(base), specifier);
  if (isAbsolute(specifier) || specifier.startsWith('.') || existsSync(path)) {
    if (existsSync(path)) return require.resolve(path);
    throw new PluginError(specifier, `there is no ${path}`);
  }
  try {
    return require.resolve(specifier);
  } catch {
    throw new PluginError(specifier, `no such file, and no such package for ${dirname(base)}`);
  }
}

function distinct(plugins: LoadedPlugin[]): LoadedPlugin[] {
  const byName = new Map<string, LoadedPlugin>();
  for (const loaded of plugins) {
    const { name } = loaded.plugin;
    const other = byName.get(name);
    if (other) {
      const places = [other, loaded].map(({ file, from }) => file ?? from).join(' and ');
      throw new PluginError(name, `is there twice: ${places}`);
    }
    byName.set(name, loaded);
  }
  return plugins;
}

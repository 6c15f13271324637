import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type PluginSource, readConfigFile } from './config-file.ts';
import { DEFAULT_TIMEOUT, distinct, type LoadedPlugin, ready } from './loaded.ts';
import { prepareModules } from './modules.ts';
import { PluginError } from './plugin-error.ts';
import type { PluginRequest } from './requested.ts';

/** Loads the configuration file's plugins and then those of --plugin, each in the order given. */
export function loadPlugins({ given, configFile }: PluginRequest): LoadedPlugin[] {
  const sources = configFile === undefined ? [] : readConfigFile(configFile);
  const base = join(process.cwd(), 'davit');
  for (const specifier of given) sources.push({ specifier, base, from: '--plugin' });
  if (sources.length > 0) prepareModules();
  return distinct(sources.map(load));
}

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

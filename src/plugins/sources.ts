import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type PluginSource, readConfigFile } from './config-file.ts';
import { PluginError } from './plugin-error.ts';
import type { PluginRequest } from './requested.ts';

/** Those of the configuration file and then those of --plugin, each in the order given. */
export function pluginSources({ given, configFile }: PluginRequest): PluginSource[] {
  const base = join(process.cwd(), 'davit');
  return [
    ...(configFile === undefined ? [] : readConfigFile(configFile)),
    ...given.map((specifier) => ({ specifier, base, from: '--plugin' })),
  ];
}

/** davit's own, wherever davit is. */
const OWN = /^davit\/plugins\/([\w-]+)$/;

/**
 * The absolute path of a plugin's module. `davit/plugins/NAME` is one that comes with davit. A path is
 * relative to the configuration file or the working directory; a package is looked up from there.
 */
export function locate({ specifier, base }: PluginSource): string {
  const own = OWN.exec(specifier)?.[1];
  const path = own ? ownPlugin(own) : resolve(dirname(base), specifier);
  const require = createRequire(base);
  if (own || isAbsolute(specifier) || specifier.startsWith('.') || existsSync(path)) {
    if (existsSync(path)) return require.resolve(path);
    throw new PluginError(specifier, `there is no ${path}`);
  }
  try {
    return require.resolve(specifier);
  } catch {
    throw new PluginError(specifier, `no such file, and no such package for ${dirname(base)}`);
  }
}

/**
 * As the build has bundled it, or as it is in the source: two directories above this one, either
 * way.
 */
function ownPlugin(name: string): string {
  const bundled = join(import.meta.dirname, `plugin-${name}.cjs`);
  if (existsSync(bundled)) return bundled;
  return join(import.meta.dirname, '../../plugins', name, 'index.ts');
}

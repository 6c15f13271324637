import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { nearestName } from '../../errors/nearest-name.ts';
import { codeDirectory, packageDirectory } from '../../own-files.ts';
import { trustedPath } from '../../state/trusted-path.ts';
import { PluginError } from '../call/plugin-error.ts';
import { type PluginSource, readConfigFile } from './config-file.ts';
import type { PluginRequest } from './requested.ts';

/** The plugins of the configuration file, then those of --plugin, each in the order given. */
export function pluginSources({
  given,
  configFile,
  trustedOwners,
  timeout,
  directory,
}: PluginRequest): PluginSource[] {
  const base = join(directory, 'davit');
  const sources: PluginSource[] = [
    ...(configFile === undefined ? [] : readConfigFile(configFile)),
    ...given.map((specifier) => ({ specifier, base, from: '--plugin', owners: trustedOwners })),
  ];
  return sources.map((source) => ({ ...(timeout !== undefined && { timeout }), ...source }));
}

/** A plugin that comes with davit. */
const OWN = /^davit\/plugins\/([\w-]+)$/;

/**
 * The absolute path of a plugin's module. `davit/plugins/NAME` comes with davit. A path is relative
 * to the configuration file or the working directory; a package is looked up from there. Throws for
 * a module that others than root, the caller and `owners` can change.
 */
export function locate(source: PluginSource): string {
  const own = OWN.exec(source.specifier)?.[1];
  return own ? ownPlugin(own) : trustedPath(find(source), ...source.owners);
}

function find({ specifier, base }: PluginSource): string {
  const path = resolve(dirname(base), specifier);
  const require = createRequire(base);
  if (isAbsolute(specifier) || specifier.startsWith('.') || existsSync(path)) {
    if (existsSync(path)) return require.resolve(path);
    throw new PluginError(specifier, `no such file: ${path}`);
  }
  try {
    return require.resolve(specifier);
  } catch {
    throw new PluginError(
      specifier,
      `no such file, and no such package that ${dirname(base)} can import${suggestOwn(specifier)}`,
    );
  }
}

/** davit's own plugin that `specifier` may stand for, for the end of an error. */
function suggestOwn(specifier: string): string {
  const bundled = readdirSync(codeDirectory).flatMap((name) => BUNDLED.exec(name)?.[1] ?? []);
  const sources = bundled.length > 0 ? bundled : readdirSync(join(packageDirectory, 'plugins'));
  const nearest = nearestName(specifier.replace(/^.*\//, ''), sources);
  return nearest ? `; did you mean davit/plugins/${nearest}?` : '';
}

const BUNDLED = /^plugin-([\w-]+)\.cjs$/;

/** The bundled plugin in a build, its source otherwise. */
function ownPlugin(name: string): string {
  const bundled = join(codeDirectory, `plugin-${name}.cjs`);
  if (existsSync(bundled)) return bundled;
  const path = join(packageDirectory, 'plugins', name, 'index.ts');
  if (existsSync(path)) return path;
  const specifier = `davit/plugins/${name}`;
  throw new PluginError(specifier, `no such file: ${path}${suggestOwn(specifier)}`);
}

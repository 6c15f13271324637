import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { prepareModules } from './modules.ts';
import type { PluginRequest } from './requested.ts';
import { locate, pluginSources } from './sources.ts';

/** An npm package that is a davit plugin and also brings commands, as an oclif plugin. */
export interface CommandPackage {
  name: string;
  /** Absolute directory of its package.json. */
  root: string;
}

/** The requested plugins whose package.json has `oclif.commands`. Runs none of their code. */
export function commandPackages(request: PluginRequest): CommandPackage[] {
  const packages = pluginSources(request).flatMap((source) => packageOf(locate(source)) ?? []);
  if (packages.length > 0) prepareModules(request);
  return packages;
}

/** The package that holds `file`, if it brings commands. */
export function packageOf(file: string): CommandPackage | undefined {
  let root = dirname(file);
  while (!existsSync(join(root, 'package.json'))) {
    if (root === dirname(root)) return undefined;
    root = dirname(root);
  }
  const { name, oclif } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return oclif?.commands ? { name, root } : undefined;
}

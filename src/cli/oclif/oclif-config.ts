import { Config, Plugin } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import packageJson from '../../../package.json' with { type: 'json' };
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { CommandPackage } from '../../plugins/load/command-packages.ts';

/**
 * oclif's configuration: davit and the packages that bring commands. davit's own commands come from
 * the oclif.manifest.json that the build leaves beside the program.
 */
export async function loadConfig(packages: readonly CommandPackage[]): Promise<Config> {
  const { name, version, description } = packageJson;
  const davit = {
    root: import.meta.dirname,
    pjson: { name, version, oclif: { bin: 'davit', description, topicSeparator: ' ' } },
  } as const;
  // Node reads a package's TypeScript itself, unless it is compiled.
  settings.enableAutoTranspile = false;
  const own = await load({ ...davit, isRoot: true });
  const plugins = new Map([[own.name, own]]);
  // `link`: oclif uses the packages where they are.
  for (const place of packages) {
    const plugin = await load({ ...place, type: 'link' });
    refuseConflict(plugin, [...plugins.values()].slice(1));
    plugins.set(plugin.name, plugin);
  }
  return Config.load({ ...davit, plugins });
}

async function load(options: ConstructorParameters<typeof Plugin>[0]): Promise<Plugin> {
  const plugin = new Plugin(options);
  await plugin.load();
  return plugin;
}

/**
 * davit's own commands win. Two packages with the same command are an error: the choice would be
 * arbitrary.
 */
function refuseConflict({ name, commandIDs }: Plugin, others: readonly Plugin[]): void {
  for (const other of others) {
    const id = commandIDs.find((id) => other.commandIDs.includes(id));
    if (id) throw new RuntimeError(`command ${id} is in both ${other.name} and ${name}`);
  }
}

import { Config, Plugin } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import packageJson from '../../../package.json' with { type: 'json' };
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { CommandPackage } from '../../plugins/load/command-packages.ts';

/**
 * davit as oclif sees it, and the packages that bring commands. davit's own it reads from the
 * oclif.manifest.json that the build left beside the program.
 */
export async function loadConfig(packages: readonly CommandPackage[]): Promise<Config> {
  const { name, version, description } = packageJson;
  const davit = {
    root: import.meta.dirname,
    pjson: { name, version, oclif: { bin: 'davit', description, topicSeparator: ' ' } },
  } as const;
  // A package's TypeScript is Node's to read, or has been compiled.
  settings.enableAutoTranspile = false;
  const own = await load({ ...davit, isRoot: true });
  const plugins = new Map([[own.name, own]]);
  // Linked: they are where they are.
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

/** davit's own go first; of others, nobody could tell which is meant. */
function refuseConflict({ name, commandIDs }: Plugin, others: readonly Plugin[]): void {
  for (const other of others) {
    const id = commandIDs.find((id) => other.commandIDs.includes(id));
    if (id) throw new RuntimeError(`command ${id} is brought by ${other.name} and by ${name}`);
  }
}

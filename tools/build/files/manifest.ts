import { createRequire } from 'node:module';
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { commands } from '../../../src/cli/commands.ts';
import { examplesOf } from '../../docs/command-examples.ts';

type CacheCommand = (command: object, plugin: object) => Promise<object>;

/** oclif.manifest.json: every command with its flags, operands and description, for help. */
export async function manifest(): Promise<string> {
  const require = createRequire(import.meta.url);
  // oclif's tool for this is a separate package. The function is hidden by the `exports` of core.
  const core = join(require.resolve('@oclif/core/package.json'), '..');
  const { cacheCommand }: { cacheCommand: CacheCommand } = require(
    join(core, 'lib/util/cache-command.js'),
  );
  const { name, version } = packageJson;
  const entries = Object.entries(commands).map(async ([id, load]) => {
    const { default: command } = await load();
    const described = await cacheCommand(command, { name, alias: name, type: 'core' });
    return [id, { ...described, id, examples: examplesOf(id) }];
  });
  return JSON.stringify({ version, commands: Object.fromEntries(await Promise.all(entries)) });
}

import type { Config } from '@oclif/core/config';
import { flush } from '@oclif/core/flush';
import type { CommandPackage } from '../../plugins/load/command-packages.ts';
import { printHelp } from '../output/help.ts';
import type { Output } from '../output/output.ts';
import { loadConfig } from './oclif-config.ts';

/** The ids of the commands that packages bring: `image:list` is typed `davit image list`. */
export async function packageCommandIds(packages: readonly CommandPackage[]): Promise<string[]> {
  const config = await loadConfig(packages);
  const roots = new Set(packages.map(({ name }) => name));
  return config.commands.filter((command) => roots.has(command.pluginName!)).map(({ id }) => id);
}

/**
 * Runs the command that `words` begin with. Returns its exit status, or undefined when no package
 * has it. An error that it throws has the status in `oclif.exit`.
 */
export async function runPackageCommand(
  packages: readonly CommandPackage[],
  words: readonly string[],
  output: Output,
): Promise<number | undefined> {
  const config = await loadConfig(packages);
  const length = idLength(config, words);
  if (length === 0) return undefined;
  const id = words.slice(0, length).join(':');
  const args = words.slice(length);
  const end = args.indexOf('--');
  if (args.slice(0, end < 0 ? undefined : end).some((arg) => arg === '--help' || arg === '-h')) {
    await printHelp([id], packages, output);
    return 0;
  }
  try {
    await config.runCommand(id, [...args]);
    return 0;
  } catch (error) {
    const { code, oclif } = error as { code?: string; oclif?: { exit?: number } };
    if (code === 'EEXIT') return oclif?.exit ?? 0;
    throw error;
  } finally {
    // A package writes through streams, which may have data left. davit writes synchronously.
    await flush();
  }
}

/** The number of words in the longest command that `words` begin with. */
function idLength(config: Config, words: readonly string[]): number {
  for (let length = words.length; length > 0; length--) {
    if (config.findCommand(words.slice(0, length).join(':'))) return length;
  }
  return 0;
}

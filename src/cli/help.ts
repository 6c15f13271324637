import { CommandHelp, Help } from '@oclif/core/help';
import type { CommandPackage } from '../plugins/command-packages.ts';
import { globalFlags } from './flags.ts';
import { loadConfig } from './oclif-config.ts';
import { STDOUT, write } from './output.ts';

/**
 * Prints the help of the command or topic that `words` name, or davit's own where there are none. False
 * where there is nothing of that name.
 */
export async function printHelp(
  words: readonly string[],
  packages: readonly CommandPackage[] = [],
): Promise<boolean> {
  const config = await loadConfig(packages);
  const id = words.join(':');
  if (id && !config.findCommand(id) && !config.findTopic(id)) return false;
  const help = new DavitHelp(config, { flagSortOrder: 'none', docopts: false });
  await help.showHelp(id ? [id] : []);
  return true;
}

class DavitHelp extends Help {
  override CommandHelpClass = CommandHelp;

  override log(...lines: string[]): void {
    write(STDOUT, `${lines.join('\n').trimEnd()}\n`);
  }

  override formatRoot(): string {
    const flags = Object.entries(globalFlags).map(([name, flag]): [string, string] => [
      `--${name}${'helpValue' in flag ? ` ${flag.helpValue}` : ''}`,
      flag.description ?? '',
    ]);
    flags.push(['-h, --help', 'show this'], ['-v, --version', 'print versions']);
    const list = this.renderList(flags, { indentation: 2, spacer: '\n', stripAnsi: false });
    return `${super.formatRoot()}\n\n${this.section('GLOBAL FLAGS', list)}`;
  }
}

import { Config } from '@oclif/core/config';
import { CommandHelp, Help } from '@oclif/core/help';
import packageJson from '../../package.json' with { type: 'json' };
import { globalFlags } from './flags.ts';
import { STDOUT, write } from './output.ts';

/**
 * Prints the help of a command, or davit's own, through oclif, whose Config reads the commands from
 * the oclif.manifest.json that the build left beside the program.
 */
export async function printHelp(command?: string): Promise<void> {
  const { name, version, description } = packageJson;
  const config = await Config.load({
    root: import.meta.dirname,
    pjson: { name, version, oclif: { bin: 'davit', description, topicSeparator: ' ' } },
  });
  await new DavitHelp(config, { flagSortOrder: 'none', docopts: false }).showHelp(
    command ? [command] : [],
  );
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

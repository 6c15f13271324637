import type { Command } from '@oclif/core/command';
import { CommandHelp, Help } from '@oclif/core/help';
import packageJson from '../../../package.json' with { type: 'json' };
import type { CommandPackage } from '../../plugins/load/command-packages.ts';
import { version } from '../../version.ts';
import { globalFlags } from '../flags.ts';
import { loadConfig } from '../oclif/oclif-config.ts';
import type { Output } from './output.ts';

/**
 * Prints help in runc's layout: for the command or topic that `words` name, or for davit when
 * `words` is empty. False when there is no such command or topic.
 */
export async function printHelp(
  words: readonly string[],
  packages: readonly CommandPackage[],
  output: Output,
): Promise<boolean> {
  const config = await loadConfig(packages);
  const id = words.join(':');
  if (id && !config.findCommand(id) && !config.findTopic(id)) return false;
  const help = new DavitHelp(config, { flagSortOrder: 'none', docopts: false });
  help.output = output;
  await help.showHelp(id ? [id] : []);
  return true;
}

type Section = Parameters<CommandHelp['section']>;

/** A description's first line names the command's purpose, the others explain it. */
const linesOf = (description = ''): string[] => description.split('\n');

class DavitCommandHelp extends CommandHelp {
  override sections(): ReturnType<CommandHelp['sections']> {
    const { id, description } = this.command;
    const name = `davit ${id} - ${linesOf(description)[0]}`;
    const named = super.sections().map((section) => ({
      ...section,
      header: section.header === 'FLAGS' ? 'OPTIONS' : section.header,
    }));
    return [{ header: 'NAME', generate: () => name }, ...named];
  }

  override section(...[header, body]: Section): string {
    return super.section(`${header}:`, body);
  }

  override description(): string | undefined {
    const more = linesOf(this.command.description).slice(1).join('\n').trim();
    return more || undefined;
  }
}

class DavitHelp extends Help {
  override CommandHelpClass = DavitCommandHelp;
  output!: Output;

  override log(...lines: string[]): void {
    this.output.write(`${lines.join('\n').trimEnd()}\n`);
  }

  override section(...[header, body]: Section): string {
    return super.section(`${header}:`, body);
  }

  #ofOne = false;

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    this.#ofOne = true;
    await super.showCommandHelp(command);
  }

  /** Help of a single command has no summary: section NAME has the text. */
  override summary(command: Command.Loadable): string | undefined {
    return this.#ofOne ? undefined : super.summary(command);
  }

  override formatRoot(): string {
    const shown = Object.entries(globalFlags).filter(([, { hidden }]) => !hidden);
    const flags = shown.map(([name, flag]): [string, string] => [
      `--${name}${'helpValue' in flag ? ` ${flag.helpValue}` : ''}`,
      flag.description ?? '',
    ]);
    flags.push(['--help, -h', 'show this'], ['--version, -v', 'print versions']);
    return [
      this.section('NAME', `davit - ${packageJson.description}`),
      this.section('USAGE', 'davit [global options] COMMAND [options] [arguments]'),
      this.section('VERSION', version),
      this.section('GLOBAL OPTIONS', flags),
    ].join('\n\n');
  }
}

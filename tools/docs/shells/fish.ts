import type { CommandDescription, FlagDescription } from '../command-line.ts';
import { signalNames } from './signals.ts';

/** The completion for fish. It calls davit only for the ids of containers. */
export function fishCompletion(
  commands: readonly CommandDescription[],
  globalFlags: readonly FlagDescription[],
): string {
  const lines = [
    ...globalFlags.map((flag) => flagLine(undefined, flag)),
    ...commands.map(
      ({ name, summary }) =>
        `complete -c davit -f -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
    ),
    ...commands.flatMap(({ name, flags }) => flags.map((flag) => flagLine(name, flag))),
    ...commands.flatMap(({ name, operands }) =>
      operands.flatMap(({ kind }) => {
        if (kind === 'other') return [];
        const words =
          kind === 'signal' ? quote(signalNames.join(' ')) : "'(__fish_davit_containers)'";
        return [`complete -c davit -f -n '__fish_seen_subcommand_from ${name}' -a ${words}`];
      }),
    ),
  ];
  return `# fish completion for davit. Generated from davit's commands: do not edit.

function __fish_davit_containers
    set -l words (commandline -opc)
    set -l root
    for i in (seq (count $words))
        if test "$words[$i]" = --root
            set root --root $words[(math $i + 1)]
        end
    end
    davit $root list --quiet 2>/dev/null
end

${lines.join('\n')}
`;
}

function flagLine(command: string | undefined, flag: FlagDescription): string {
  const { name, char, description, value, choices } = flag;
  const words = ['complete -c davit'];
  if (command) words.push(`-n '__fish_seen_subcommand_from ${command}'`);
  if (char) words.push(`-s ${char}`);
  words.push(`-l ${name}`);
  if (choices.length > 0) words.push(`-x -a ${quote(choices.join(' '))}`);
  else if (value?.startsWith('<')) words.push('-r');
  words.push(`-d ${quote(description)}`);
  return words.join(' ');
}

const quote = (text: string): string => `'${text.replaceAll(/[\\']/g, (found) => `\\${found}`)}'`;

import type { CommandDescription, FlagDescription } from '../command-line.ts';
import { signalNames } from './signals.ts';

/** The completion for zsh. It calls davit only for the ids of containers. */
export function zshCompletion(
  commands: readonly CommandDescription[],
  globalFlags: readonly FlagDescription[],
): string {
  return `#compdef davit
# zsh completion for davit. Generated from davit's commands: do not edit.

_davit_containers() {
  local -a ids
  ids=(\${(f)"$(davit \${root:+--root=$root} list --quiet 2>/dev/null)"})
  compadd -a ids
}

_davit_signals() {
  compadd ${signalNames.join(' ')}
}

_davit_commands() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join('\n')}
  )
  _describe command commands
}

_davit() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
${globalFlags.map((flag) => `    ${flagWord(flag)} \\`).join('\n')}
    '(- *)'{-h,--help}'[show help]' \\
    '(- *)'{-v,--version}'[print versions]' \\
    '1: :_davit_commands' \\
    '*:: :->operands'
  [[ $state == operands ]] || return
  local root=\${opt_args[--root]}
  case $words[1] in
${commands.map(commandCase).join('\n')}
  esac
}

# Called where zsh has loaded this file as the function; defined where somebody has sourced it.
if [[ $funcstack[1] == _davit ]]; then
  _davit "$@"
else
  compdef _davit davit
fi
`;
}

function commandCase({ name, flags, operands }: CommandDescription): string {
  const words = [
    ...flags.map(flagWord),
    ...operands.map(({ name: operand, kind, multiple }, i) => {
      const place = multiple ? '*' : String(i + 1);
      return quote(`${place}:${operand}:${ACTIONS[kind]}`);
    }),
  ];
  return words.length === 0
    ? `    ${name}) ;;`
    : `    ${name})\n      _arguments \\\n        ${words.join(' \\\n        ')}\n      ;;`;
}

const ACTIONS = { container: '_davit_containers', signal: '_davit_signals', other: '_files' };

function flagWord({ name, description, value, choices }: FlagDescription): string {
  const text = `--${name}[${description.replaceAll(/[[\]:\\]/g, (found) => `\\${found}`)}]`;
  if (!value?.startsWith('<')) return quote(text);
  const action = choices.length > 0 ? `(${choices.join(' ')})` : '_files';
  return quote(`${text}:${value.slice(1, -1)}:${action}`);
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

import type { CommandDescription, FlagDescription } from '../command-line.ts';
import { signalNames } from './signals.ts';

/**
 * The completion for bash. It contains commands and flags, and calls davit only for the ids of
 * containers, with the --root of the command line.
 */
export function bashCompletion(
  commands: readonly CommandDescription[],
  globalFlags: readonly FlagDescription[],
): string {
  return `# bash completion for davit. Generated from davit's commands: do not edit.

_davit_containers() {
  davit \${root:+--root="$root"} list --quiet 2>/dev/null
}

_davit() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' operand=0 word i root=''
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      --root=*) root=\${word#--root=} ;;
      --root) root=\${COMP_WORDS[++i]} ;;
      ${valueFlags(commands, globalFlags)}) ((i++)) ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; else ((operand++)); fi ;;
    esac
  done
  local flags='${names(globalFlags)} --help --version' values='' files='' listed=''
  case $command:$prev in
${globalFlags.flatMap((flag) => valueCase('*', flag)).join('\n')}
${commands.flatMap(({ name, flags }) => flags.flatMap((flag) => valueCase(name, flag))).join('\n')}
  esac
  if [[ -n $values ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
    return
  fi
  [[ -n $files ]] && return
  local commands='${commands.map(({ name }) => name).join(' ')}'
  case $command in
    '') values="$commands help" ;;
    help) values=$commands ;;
${commands.map(commandCase).join('\n')}
  esac
  # Where no container is there, files would be misleading.
  [[ -n $values || -n $listed ]] && compopt +o default 2>/dev/null
  if [[ $cur == -* ]]; then values=$flags; fi
  mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
}

complete -o default -F _davit davit
`;
}

const names = (flags: readonly FlagDescription[]): string =>
  flags.map(({ name }) => `--${name}`).join(' ');

/** A pattern of all flags that take a value. */
function valueFlags(
  commands: readonly CommandDescription[],
  globalFlags: readonly FlagDescription[],
): string {
  const flags = [...globalFlags, ...commands.flatMap((command) => command.flags)];
  const withValue = flags.filter(({ name, value }) => value?.startsWith('<') && name !== 'root');
  return [...new Set(withValue.map(({ name }) => `--${name}`))].join(' | ');
}

/** Completes the value of a flag: one of its choices, or a file name. */
function valueCase(command: string, { name, value, choices }: FlagDescription): string[] {
  if (!value?.startsWith('<')) return [];
  const words = choices.length > 0 ? `values='${choices.join(' ')}'` : 'files=1';
  return [`    ${command}:--${name}) ${words} ;;`];
}

function commandCase({ name, flags, operands }: CommandDescription): string {
  const own = flags.length > 0 ? `flags+=' ${names(flags)}'` : ':';
  const cases = operands.flatMap(({ kind, multiple }, i) => {
    if (kind === 'other') return [];
    const words = kind === 'signal' ? `'${signalNames.join(' ')}'` : '$(_davit_containers)';
    const place = multiple ? 'operand >= ' : 'operand == ';
    return [`      ((${place}${i})) && values=${words} listed=1`];
  });
  return [`    ${name})`, `      ${own}`, ...cases, '      ;;'].join('\n');
}

import packageJson from '../../package.json' with { type: 'json' };
import type { CommandDescription, FlagDescription } from './command-line.ts';

/** The page davit(8), in man(7)'s macros. */
export function davitManPage(
  commands: readonly CommandDescription[],
  globalFlags: readonly FlagDescription[],
): string {
  return [
    ...heading('davit', packageJson.description),
    '.SH SYNOPSIS',
    '.B davit',
    '[\\fIglobal options\\fR] \\fIcommand\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]',
    '.SH COMMANDS',
    ...commands.flatMap(({ name, summary }) => [
      '.TP',
      `.BR davit\\-${escapeRoff(name)} (8)`,
      text(summary),
    ]),
    '.SH GLOBAL OPTIONS',
    ...globalFlags.flatMap(flagLines),
    '',
  ].join('\n');
}

/** The page of one command: davit-run(8). */
export function commandManPage(command: CommandDescription): string {
  const { name, summary, details, operands, flags, examples } = command;
  const words = operands.map(({ name: operand, required, multiple }) => {
    const word = `\\fI${escapeRoff(operand)}\\fR${multiple ? ' ...' : ''}`;
    return required ? word : `[${word}]`;
  });
  return [
    ...heading(`davit-${name}`, summary),
    '.SH SYNOPSIS',
    `.B davit ${escapeRoff(name)}`,
    ['[\\fIoptions\\fR]', ...words].join(' '),
    ...(details ? ['.SH DESCRIPTION', ...details.split('\n').map(text)] : []),
    ...(operands.length > 0 ? ['.SH OPERANDS'] : []),
    ...operands.flatMap(({ name: operand, description }) => [
      '.TP',
      `.I ${escapeRoff(operand)}`,
      text(description),
    ]),
    ...(flags.length > 0 ? ['.SH OPTIONS'] : []),
    ...flags.flatMap(flagLines),
    ...(examples.length > 0 ? ['.SH EXAMPLES'] : []),
    ...examples.flatMap(({ description, command }) => [
      '.PP',
      text(`${description}:`),
      '.PP',
      '.RS 4',
      text(command),
      '.RE',
    ]),
    '.SH SEE ALSO',
    '.BR davit (8)',
    '',
  ].join('\n');
}

const heading = (page: string, summary: string): string[] => [
  `.TH ${page.toUpperCase()} 8 "" "davit ${packageJson.version}" "davit"`,
  '.SH NAME',
  `${escapeRoff(page)} \\- ${text(summary)}`,
];

function flagLines({ name, char, description, value }: FlagDescription): string[] {
  const long = `\\fB\\-\\-${escapeRoff(name)}\\fR${value ? ` ${escapeRoff(value)}` : ''}`;
  return ['.TP', char ? `\\fB\\-${char}\\fR, ${long}` : long, text(description)];
}

/** A line of text: a dot or an apostrophe at its beginning would make it a request of roff. */
function text(line: string): string {
  const escaped = escapeRoff(line);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

const escapeRoff = (line: string): string => line.replaceAll('\\', '\\e').replaceAll('-', '\\-');

import type { DavitCommandClass } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { globalFlags } from '../../src/cli/flags.ts';
import { type CommandExample, examplesOf } from './command-examples.ts';

/** A flag of davit, as man pages and completions show it. */
export interface FlagDescription {
  name: string;
  char: string | undefined;
  description: string;
  /** `<file>`; undefined for a flag without a value. */
  value: string | undefined;
  /** The values that the description lists; empty if any text may follow. */
  choices: readonly string[];
}

/** The kind of an operand, as far as a shell can complete it. */
export type OperandKind = 'container' | 'signal' | 'other';

export interface OperandDescription {
  name: string;
  description: string;
  kind: OperandKind;
  required: boolean;
  multiple: boolean;
}

export interface CommandDescription {
  name: string;
  /** The first line of the description. */
  summary: string;
  /** The other lines. */
  details: string;
  operands: readonly OperandDescription[];
  /** Everything after this operand belongs to the container's program. */
  stopAfter: number;
  flags: readonly FlagDescription[];
  examples: readonly CommandExample[];
}

/** The global flags, which may stand before or after the command. */
export const globalFlagDescriptions = (): FlagDescription[] => describeFlags(globalFlags);

/** Every command of davit, in the order of the command table. */
export async function commandDescriptions(): Promise<CommandDescription[]> {
  return Promise.all(
    Object.entries(commands).map(async ([name, load]) => describe(name, (await load()).default)),
  );
}

function describe(name: string, command: DavitCommandClass): CommandDescription {
  const [summary = '', ...details] = (command.description ?? '').split('\n');
  return {
    name,
    summary,
    details: details.join('\n').trim(),
    operands: Object.entries(command.args).map(([operand, { description = '', ...rest }]) => ({
      name: operand,
      description,
      kind: CONTAINERS.includes(operand) ? 'container' : operand === 'signal' ? 'signal' : 'other',
      required: rest.required ?? false,
      multiple: 'multiple' in rest && rest.multiple === true,
    })),
    stopAfter: command.operands.stopAfter ?? Infinity,
    flags: describeFlags(command.flags),
    examples: examplesOf(name),
  };
}

/** Names of operands that are ids of containers. */
const CONTAINERS = ['id', 'ids', 'names'];

function describeFlags(flags: object): FlagDescription[] {
  const listed = Object.entries(flags as Record<string, FlagDefinition>);
  return listed
    .filter(([, { hidden }]) => !hidden)
    .map(([name, { char, description = '', helpValue, type }]) => {
      const value = type === 'boolean' ? undefined : (helpValue ?? '<value>');
      const hasChoices = value !== undefined && WITH_CHOICES.includes(value);
      const named = hasChoices ? description.matchAll(/'([a-z]+)'/g) : [];
      return { name, char, description, value, choices: [...named].map(([, word]) => word!) };
    });
}

interface FlagDefinition {
  type: 'boolean' | 'option';
  char?: string;
  description?: string;
  helpValue?: string;
  hidden?: boolean;
}

/** The values whose descriptions name every choice in quotes. */
const WITH_CHOICES = ['<format>', '<level>', '<manager>', '<mode>', '<order>'];

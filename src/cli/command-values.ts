import type { ArgInput, FlagInput } from '@oclif/core/interfaces';
import type { Argv } from './argv.ts';
import { UsageError } from './usage-error.ts';

type Values = Record<string, unknown>;

/** The values of a command's flags and operands, by name. */
export interface CommandValues {
  flags: Values;
  args: Values;
}

/**
 * Reads the values of a command's flags and operands, by each definition's `parse` and `default`.
 * Replaces oclif's parser: docs/decisions/the-command-line-is-parsed-once.md.
 */
export async function commandValues(
  { flags, operands }: Argv,
  definitions: { flags: FlagInput; args: ArgInput },
): Promise<CommandValues> {
  const values: Values = {};
  for (const [name, flag] of Object.entries(definitions.flags)) {
    const value = await flagValue(name, flag, flags.get(name));
    if (value !== undefined) values[name] = value;
  }
  return { flags: values, args: operandValues(operands, definitions.args) };
}

async function flagValue(
  name: string,
  flag: FlagInput[string],
  given: readonly string[] | undefined,
): Promise<unknown> {
  if (given === undefined) return flag.default;
  if (flag.type === 'boolean') return given.at(-1) === 'true';
  const read = (text: string): unknown => flag.parse(text, {} as never, flag as never);
  try {
    return flag.multiple ? await Promise.all(given.map(read)) : await read(given.at(-1)!);
  } catch (error) {
    throw new UsageError(`--${name}: ${(error as Error).message}`);
  }
}

/** The last of the operands may be a list. */
function operandValues(given: readonly string[], definitions: ArgInput): Values {
  const names = Object.keys(definitions);
  return Object.fromEntries(
    names.map((name, i) => [name, definitions[name]!.multiple ? given.slice(i) : given[i]]),
  );
}

import { nearestName } from '../errors/nearest-name.ts';
import { ENGINE_FLAGS } from './engine-flags.ts';
import { UsageError } from './usage-error.ts';

/** What decides how a flag may be spelled. oclif's flag definitions have this shape. */
interface FlagShape {
  type: 'boolean' | 'option';
  /** `b` of `-b`. */
  char?: string | undefined;
  /** Every occurrence counts; otherwise the last one wins. */
  multiple?: boolean | undefined;
  /** The option's value when no number follows it. */
  alone?: string | undefined;
}

export type FlagShapes = Record<string, FlagShape>;

/** A parsed command line: each flag's values as given (`true` or `false` for booleans). */
export interface Argv {
  flags: Map<string, string[]>;
  /** The arguments that are not flags, in order. */
  operands: string[];
}

/**
 * Parses a command line as urfave/cli 3.10, runc's parser, does: `-name` is `--name`; a value
 * follows or is joined by `=`, for booleans only by `=`; `--` ends the flags, and so does operand
 * number `stopAfter` (1 for `exec`: everything after the id belongs to the command).
 */
export function parseArgv(args: readonly string[], shapes: FlagShapes, stopAfter = Infinity): Argv {
  const flags = new Map<string, string[]>();
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') return { flags, operands: [...operands, ...args.slice(i + 1)] };
    if (operands.length >= stopAfter) return { flags, operands: [...operands, ...args.slice(i)] };
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg);
      continue;
    }
    // A number such as -9 is not a flag, and it ends the flags.
    if (arg[1] !== '-' && !isLetter(arg[1]!))
      return { flags, operands: [...operands, ...args.slice(i)] };
    const { given, joined } = split(arg);
    const name = lookup(given, shapes);
    if (name === undefined) throw undefinedFlag(arg, given, shapes);
    const shape = shapes[name]!;
    let value = joined;
    if (shape.type === 'boolean') value = String(parseBoolean(joined || 'true', given));
    else if (value === undefined && shape.alone && !isNumber(args[i + 1])) value = shape.alone;
    else if (value === undefined) value = args[++i];
    if (value === undefined) throw new UsageError(`flag needs an argument: ${arg}`);
    const values = flags.get(name);
    if (values && shape.multiple) values.push(value);
    else flags.set(name, [value]);
  }
  return { flags, operands };
}

/** The error names the flag as typed, with its one or two dashes. */
function undefinedFlag(arg: string, given: string, shapes: FlagShapes): UsageError {
  const typed = arg.slice(0, arg.indexOf(given) + given.length);
  const nearest = nearestName(given, Object.keys(shapes));
  const suggestion = Object.hasOwn(ENGINE_FLAGS, given)
    ? ENGINE_FLAGS[given]
    : nearest && `did you mean --${nearest}?`;
  return new UsageError(`flag provided but not defined: ${typed}`, { suggestion });
}

/** Go's strconv.ParseBool. */
export function parseBoolean(text: string, flag: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw new UsageError(`invalid value "${text}" for flag -${flag}: expected true or false`);
}

/** No regular expression: compiling one takes longer than the rest of this file. */
function isLetter(character: string): boolean {
  return character.toLowerCase() !== character.toUpperCase();
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d+$/.test(text);
}

function split(arg: string): { given: string; joined: string | undefined } {
  const text = arg.slice(arg[1] === '-' ? 2 : 1);
  const at = text.indexOf('=');
  if (at === -1) return { given: text, joined: undefined };
  return { given: text.slice(0, at), joined: text.slice(at + 1) };
}

function lookup(given: string, shapes: FlagShapes): string | undefined {
  if (Object.hasOwn(shapes, given)) return given;
  if (given.length !== 1) return undefined;
  return Object.keys(shapes).find((name) => shapes[name]!.char === given);
}

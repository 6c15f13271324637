import type { DavitEnd } from '../embedding/link/davit-end.ts';
import type { CommandPackage } from '../plugins/load/command-packages.ts';
import { requestPlugins } from '../plugins/load/requested.ts';
import { type Argv, type FlagShapes, parseArgv } from './argv.ts';
import type { DavitCommandClass } from './command.ts';
import { commandValues } from './command-values.ts';
import { commands } from './commands.ts';
import { globalFlags } from './flags.ts';
import { type Invocation, LeftToCaller } from './invocation.ts';
import type { Log } from './output/log.ts';
import { writeMessage } from './output/output.ts';
import { readSettings } from './settings.ts';
import { suggestCommand } from './suggest-command.ts';
import { UsageError } from './usage-error.ts';

/** What an error report names and where it goes. Filled in as the command proceeds. */
interface Progress {
  readonly invocation: Invocation;
  subject: string;
  failureStatus: number;
  log: Log | undefined;
  /** The program that embeds davit, if it has started this command. */
  program: DavitEnd | undefined;
}

const helpShape = { help: { type: 'boolean', char: 'h' } } satisfies FlagShapes;
const versionShape = { version: { type: 'boolean', char: 'v' } } satisfies FlagShapes;

/** Runs the command that davit was called with. Returns the exit status. Prints a failure once. */
export async function main(invocation: Invocation): Promise<number> {
  const progress: Progress = {
    invocation,
    subject: '',
    failureStatus: 1,
    log: undefined,
    program: undefined,
  };
  try {
    return await dispatch(progress);
  } catch (error) {
    if (error instanceof LeftToCaller) throw error;
    await report(error, progress);
    return error instanceof UsageError ? error.exitStatus : progress.failureStatus;
  } finally {
    progress.log?.close();
    progress.program?.[Symbol.dispose]();
  }
}

async function dispatch(progress: Progress): Promise<number> {
  const { invocation } = progress;
  const own = parseArgv(invocation.args, { ...globalFlags, ...helpShape, ...versionShape }, 1);
  const [name, ...rest] = own.operands;
  if (isSet(own, 'version')) {
    await invocation.begin({ name: 'version', repeatable: true });
    return (await import('./output/version.ts')).printVersion(invocation.stdout);
  }
  if (name === undefined || name === 'help' || name === 'h') return help(rest, own, invocation);
  if (isSet(own, 'help')) return help([name], own, invocation);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  progress.subject = name;
  if (!load) return runPackageCommand(own, progress);
  const { default: command } = await load();
  return runCommand(name, command, rest, own, progress);
}

async function runCommand(
  name: string,
  command: DavitCommandClass,
  args: string[],
  own: Argv,
  progress: Progress,
): Promise<number> {
  const { stopAfter } = command.operands;
  const argv = await namingCommand(name, () =>
    parseArgv(args, { ...globalFlags, ...command.flags, ...helpShape }, stopAfter),
  );
  if (isSet(argv, 'help')) return help([name], own, progress.invocation);
  const globals = new Map(own.flags);
  for (const [flag, values] of argv.flags) {
    if (!(flag in globalFlags) || flag in command.flags) continue;
    const before = flag === 'plugin' ? (own.flags.get(flag) ?? []) : [];
    globals.set(flag, [...before, ...values]);
  }
  const settings = readSettings(globals, progress.invocation);
  progress.log = settings.log;
  progress.program = settings.program;
  checkOperands(name, command, argv.operands);
  if (command.operands.min > 0) progress.subject = `${name} ${argv.operands[0]}`;
  progress.failureStatus = command.failureStatus;
  const values = await namingCommand(name, () => commandValues(argv, command));
  const instance = new command(values, settings, progress.invocation);
  await progress.invocation.begin({ name, ...instance.needs });
  const status = (await instance.run()) ?? 0;
  await settings.program?.ended(status);
  return status;
}

function isSet({ flags }: Argv, name: string): boolean {
  return flags.get(name)?.[0] === 'true';
}

async function help(words: string[], own: Argv, invocation: Invocation): Promise<number> {
  const isOwn = Object.hasOwn(commands, words[0] ?? '');
  const ownProcess = () =>
    invocation.stdout.isTerminal ? 'help measures the terminal' : undefined;
  await invocation.begin({ name: 'help', ownProcess, repeatable: true });
  const packages = isOwn ? [] : await commandPackages(own, invocation);
  const { printHelp } = await import('./oclif/oclif.ts');
  if (await printHelp(words, packages, invocation.stdout)) return 0;
  throw unknownCommand(words.join(' '));
}

/** Runs a command that a plugin's package brings. */
async function runPackageCommand(own: Argv, progress: Progress): Promise<number> {
  const packages = await commandPackages(own, progress.invocation);
  if (packages.length > 0) {
    const ownProcess = () => 'it is of a package';
    await progress.invocation.begin({ name: own.operands[0]!, ownProcess, repeatable: false });
    try {
      const { runPackageCommand: run } = await import('./oclif/oclif.ts');
      const status = await run(packages, own.operands, progress.invocation.stdout);
      if (status !== undefined) return status;
    } catch (error) {
      progress.failureStatus = (error as { oclif?: { exit?: number } }).oclif?.exit ?? 1;
      throw error;
    }
  }
  progress.subject = '';
  throw unknownCommand(own.operands[0]!);
}

/** The packages of plugins that bring commands. Loads nothing when no plugin is named. */
async function commandPackages({ flags }: Argv, invocation: Invocation): Promise<CommandPackage[]> {
  const request = requestPlugins(flags.get('plugin') ?? [], invocation);
  return request
    ? (await import('../plugins/load/command-packages.ts')).commandPackages(request)
    : [];
}

function unknownCommand(name: string): UsageError {
  return new UsageError(`No help topic for '${name}'`, {
    exitStatus: 3,
    suggestion: suggestCommand(name),
  });
}

function checkOperands(name: string, { operands, args }: DavitCommandClass, given: string[]): void {
  const { min, max } = operands;
  const requires = (what: string) =>
    new UsageError(`"${name}" requires ${what} argument(s)`, { command: name });
  if (min === max && given.length !== min) throw requires(`exactly ${min}`);
  if (given.length < min) throw requires(`a minimum of ${min}`);
  if (given.length > max) throw requires(`a maximum of ${max}`);
  if (min > 0 && given[0] === '') {
    const what = Object.hasOwn(args, 'id') ? 'container id' : Object.keys(args)[0];
    throw new UsageError(`${what} cannot be empty`, { command: name });
  }
}

/** Adds the command's name to errors about its flags. */
async function namingCommand<T>(command: string, parse: () => T | Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message, { command, suggestion: error.suggestion });
  }
}

/**
 * Prints an error to standard error, and adds it to the --log file. On a terminal the hint is on a
 * line of its own. Elsewhere it is on the same line: log readers and runc's callers count lines.
 */
async function report(error: unknown, progress: Progress): Promise<void> {
  const { invocation, subject, log } = progress;
  const { stderr } = invocation;
  if (await progress.program?.failed(error)) return;
  const { errorReport } = await import('../errors/report.ts');
  const { message, hint } = errorReport(error, subject);
  const text = stderr.isTerminal ? onLines(message, hint) : onOneLine(message, hint);
  writeMessage(stderr, `${text}\n`);
  if (log?.toFile) log.error(message, hint);
  if (log?.debugging && error instanceof Error && error.stack) log.debug(error.stack);
}

const onLines = (message: string, hint?: string): string =>
  hint ? `${message}\n${hint}` : message;

/**
 * Adds the hint to the first line: a message with several failures has one a line, and the hint is
 * about the first.
 */
const onOneLine = (message: string, hint?: string): string =>
  hint ? message.replace(/$/m, () => ` (hint: ${hint})`) : message;

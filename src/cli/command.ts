import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import type { FlagInput, Input, ParserOutput } from '@oclif/core/interfaces';
import { programEventLoop } from '../operations/session/program-event-loop.ts';
import type { SessionOptions } from '../operations/session/session.ts';
import type { LoadedPlugin } from '../plugins/load/loaded-plugin.ts';
import { type PluginRequest, requestPlugins } from '../plugins/load/requested.ts';
import type { ContainerRequest } from '../state/container.ts';
import { startExporter } from '../trace/send/start-exporter.ts';
import type { CommandValues } from './command-values.ts';
import { globalFlags } from './flags.ts';
import type { CommandNeeds, Invocation } from './invocation.ts';
import { ProgressLine } from './output/progress-line.ts';
import { redactArgs } from './output/redact-args.ts';
import type { Settings } from './settings.ts';

/** How many operands a command takes, and where its flags end. */
interface Operands {
  min: number;
  max: number;
  /** Flags end after this many operands. What follows belongs to another program. */
  stopAfter?: number;
}

/**
 * One davit command: takes flags, calls one operation and prints. `run` returns the exit status.
 */
export abstract class DavitCommand extends Command {
  static override baseFlags = globalFlags;
  static override flags: FlagInput = {};
  static operands: Operands = { min: 1, max: 1 };
  /** runc's exit status for a failed operation. */
  static failureStatus = 1;
  /** Whether running it twice does the same as running it once. */
  static repeatable = false;
  /** Whether it ends containers: then it works without the plugins of a damaged configuration. */
  static endsContainers = false;

  protected readonly settings: Settings;
  protected readonly invocation: Invocation;

  readonly #values: CommandValues;

  constructor(values: CommandValues, settings: Settings, invocation: Invocation) {
    super([], CONFIG as Config);
    this.#values = values;
    this.settings = settings;
    this.invocation = invocation;
  }

  /** The values that main.ts has parsed, in place of oclif's parser: see command-values.ts. */
  protected override async parse<
    F extends Record<string, unknown>,
    B extends Record<string, unknown>,
    A extends Record<string, unknown>,
  >(_command: Input<F, B, A>): Promise<ParserOutput<F, B, A>> {
    return this.#values as ParserOutput<F, B, A>;
  }

  /** Names a container to an operation. */
  protected container(id: string): ContainerRequest {
    return { root: this.settings.root, id, environment: this.invocation.environment };
  }

  /**
   * The session of this command: its start, argv, log and plugins, and how to start the exporter.
   */
  protected session(): SessionOptions {
    const { log, plugins: given, pluginTimeout, program } = this.settings;
    const plugins = requestPlugins(given, this.invocation, pluginTimeout);
    const { args, davit, environment, initParent, process: own, start, stderr } = this.invocation;
    return {
      call: {
        start,
        args: redactArgs(args),
        ...(own && { restart: [...davit, ...args], restarted: own.restarted() }),
      },
      ...(!own && { eventLoop: programEventLoop }),
      // A server keeps what a command writes until its end.
      ...(own && !log.isJsonOnStderr && { startProgress: () => new ProgressLine(stderr) }),
      ...(program && { bus: program.bus }),
      ...(initParent && { initParent }),
      ...(plugins && { plugins: () => this.#loadPlugins(plugins) }),
      log,
      onStored(directory) {
        try {
          startExporter(directory, environment, davit);
        } catch (error) {
          log.debug(`exporter not started: ${error}`);
        }
      },
    };
  }

  async #loadPlugins(request: PluginRequest): Promise<readonly LoadedPlugin[]> {
    const { endsContainers } = this.constructor as typeof DavitCommand;
    const { loadPlugins } = await import('../plugins/load/load.ts');
    try {
      return await loadPlugins(request);
    } catch (error) {
      if (!endsContainers || request.given.length > 0) throw error;
      this.settings.log.warning(`no plugins take part: ${(error as Error).message}`);
      return [];
    }
  }

  get needs(): Omit<CommandNeeds, 'name'> {
    const { repeatable } = this.constructor as typeof DavitCommand;
    return { ownProcess: () => this.ownProcess(), repeatable };
  }

  /** Why it needs a process of its own; undefined if a server may run it among other commands. */
  protected abstract ownProcess(): string | undefined | Promise<string | undefined>;

  /**
   * The answer of an operation in which plugins can take part: they are loaded into the process.
   */
  protected ownProcessForPlugins(): string | undefined {
    const request = requestPlugins(this.settings.plugins, this.invocation);
    return request && 'plugins take part';
  }

  /** Returns the exit status; undefined means 0. */
  abstract override run(): Promise<number | undefined>;
}

export type DavitCommandClass = (new (
  values: CommandValues,
  settings: Settings,
  invocation: Invocation,
) => DavitCommand) &
  Pick<typeof DavitCommand, 'operands' | 'failureStatus' | 'flags' | 'args' | 'description'>;

/**
 * The part of oclif's Config that a command reads. Loading all of it takes longer than a command.
 */
const CONFIG: Partial<Config> = { bin: 'davit' };

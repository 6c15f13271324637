import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import type { FlagInput, Input, ParserOutput } from '@oclif/core/interfaces';
import { restartedFrom } from '../init/restart.ts';
import type { SessionOptions } from '../operations/session/session.ts';
import { requestPlugins } from '../plugins/load/requested.ts';
import type { ContainerRequest } from '../state/container.ts';
import { processStart } from '../trace/record/clock.ts';
import { startExporter } from '../trace/send/start-exporter.ts';
import type { CommandValues } from './command-values.ts';
import { globalFlags } from './flags.ts';
import { argsToTell } from './output/args-to-tell.ts';
import type { Settings } from './settings.ts';

/** How many operands a command takes, and where its flags end. */
export interface Operands {
  min: number;
  max: number;
  /** Flags end after this many operands. What follows belongs to another program. */
  stopAfter?: number;
}

/** One davit command: takes flags, calls one operation and prints. `run` returns the exit status. */
export abstract class DavitCommand extends Command {
  static override baseFlags = globalFlags;
  static override flags: FlagInput = {};
  static operands: Operands = { min: 1, max: 1 };
  /** runc's exit status for a failed operation. */
  static failureStatus = 1;

  protected readonly settings: Settings;

  readonly #values: CommandValues;

  constructor(values: CommandValues, settings: Settings) {
    super([], CONFIG as Config);
    this.#values = values;
    this.settings = settings;
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
    return { root: this.settings.root, id, environment: process.env };
  }

  /** The session of this command: its start, argv and log, and how to start the exporter. */
  protected session(): SessionOptions {
    const [node, ...rest] = process.argv;
    const { log } = this.settings;
    return {
      invocation: {
        start: processStart(),
        args: argsToTell(process.argv.slice(2)),
        restart: [node!, ...process.execArgv, ...rest],
        restarted: restartedFrom(process.env),
      },
      log,
      onStored(directory) {
        const { execPath, execArgv, argv } = process;
        try {
          startExporter(directory, process.env, [execPath, ...execArgv, argv[1]!]);
        } catch (error) {
          log.debug(`exporter not started: ${error}`);
        }
      },
    };
  }

  /** The session of an operation with stages: plugins can take part. */
  protected extensibleSession(): SessionOptions {
    const plugins = requestPlugins(this.settings.plugins, process, this.settings.pluginTimeout);
    return {
      ...this.session(),
      ...(plugins && {
        plugins: async () => (await import('../plugins/load/load.ts')).loadPlugins(plugins),
      }),
    };
  }

  /** Returns the exit status; undefined means 0. */
  abstract override run(): Promise<number | undefined>;
}

export type DavitCommandClass = (new (
  values: CommandValues,
  settings: Settings,
) => DavitCommand) &
  Pick<typeof DavitCommand, 'operands' | 'failureStatus' | 'flags' | 'args' | 'description'>;

/**
 * The part of oclif's Config that a command reads. Loading all of it takes longer than a command.
 */
const CONFIG: Partial<Config> = { bin: 'davit' };

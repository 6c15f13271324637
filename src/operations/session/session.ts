import type { StageError } from '../../errors/stage-error.ts';
import type { Restarted } from '../../init/restart.ts';
import type { LifecycleBus } from '../../lifecycle/bus.ts';
import type { EventLoop } from '../../lifecycle/event-loop.ts';
import type { PluginCall } from '../../lifecycle/events.ts';
import type { FinishListeners } from '../../plugins/listen.ts';
import type { PluginLoader } from '../../plugins/load/requested.ts';
import type { ContainerRequest } from '../../state/container.ts';
import type { ContainerRecord } from '../../state/record.ts';
import type { CommandSpans } from '../../trace/record/command-spans.ts';
import type { OperationLog } from './operation-log.ts';

/** How the process of a command was called. */
export interface Invocation {
  /** When it was: CLOCK_MONOTONIC nanoseconds. */
  start: bigint;
  /** The command line after `davit`, for the trace. */
  args: readonly string[];
  /** The command line that starts the process again. */
  restart: readonly string[];
}

/** How a command is watched; all of it optional. */
export interface SessionOptions {
  /** Of a process that is there for the command alone; an embedding program is not. */
  invocation?: Invocation;
  log?: OperationLog;
  /** The embedding program's: the parent of the command's own. */
  bus?: LifecycleBus;
  /** Of a program that does other things, too. */
  eventLoop?: EventLoop;
  /** Absent where there are no plugins. */
  plugins?: PluginLoader | undefined;
  /**
   * Called last, when the command is over and its trace is in the store: with the store's directory. Not where
   * the embedding program's own telemetry has the spans.
   */
  onStored?: (directory: string) => void;
}

/** One command under way: its trace, and who watches. */
export interface Session {
  readonly log: OperationLog;
  readonly bus: LifecycleBus;
  readonly eventLoop: EventLoop | undefined;
  readonly notes: ContainerRecord['plugins'];
  readonly pluginCalls: PluginCall[];
  /** Lets plugins' listeners finish; absent where none listens. */
  readonly finishListeners: FinishListeners | undefined;
  readonly restart: readonly string[] | undefined;
  readonly restarted: Restarted | undefined;
  readonly spans: CommandSpans;
  /** Nanoseconds in which davit only waited for the container's program. */
  waited: bigint;
  /** Why the program could not be executed, where the command is not to fail by that. */
  tolerated?: StageError;
  readonly onStored: SessionOptions['onStored'];
  /** True from when its trace is stored. */
  ended: boolean;
}

/** What every command about a container is asked. */
export interface SessionRequest extends ContainerRequest {
  session?: SessionOptions;
}

/** True for a command that finds no container of its id. */
export const makesContainer = (command: string): boolean =>
  command === 'create' || command === 'run';

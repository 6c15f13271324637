import type { LifecycleBus } from '../../bus/bus.ts';
import type { PluginCall } from '../../bus/events.ts';
import type { StartProgress } from '../../caller/progress.ts';
import type { Environment } from '../../config/environment.ts';
import type { StageError } from '../../errors/stage-error.ts';
import type { RemoteParent } from '../../init/parent/init-parent.ts';
import type { CommandLine, RestartedCommand } from '../../init/restart.ts';
import type { FinishListeners } from '../../plugins/listen.ts';
import type { PluginLoader } from '../../plugins/load/requested.ts';
import type { ContainerRequest } from '../../state/container.ts';
import type { ContainerRecord } from '../../state/record.ts';
import type { EventLoop } from '../../syscalls/poll/event-loop.ts';
import type { CommandSpans } from '../../trace/record/command-spans.ts';
import type { OperationLog } from './operation-log.ts';

/** How a command was called from the command line. */
interface CommandCall {
  /** When davit was called, in CLOCK_MONOTONIC nanoseconds. */
  start: bigint;
  /** The command line after `davit`, for the trace. */
  args: readonly string[];
  /** Argv that starts the process again. Absent if the process also serves others. */
  restart?: readonly string[];
  /** What this process was doing before it was executed anew. */
  restarted?: RestartedCommand | undefined;
}

/** Options of a command's session. */
export interface SessionOptions {
  /** Absent in an embedding program. */
  call?: CommandCall;
  log?: OperationLog;
  /** Shows on a terminal what the command waits for. Absent if nobody would see it. */
  startProgress?: StartProgress;
  /** The embedding program's bus, which is the parent of the command's own. */
  bus?: LifecycleBus;
  /** The event loop of a program that also does other work. */
  eventLoop?: EventLoop;
  /** The parent of containers' processes. Absent if that is this process. */
  initParent?: RemoteParent | undefined;
  /** Absent if there are no plugins. */
  plugins?: PluginLoader | undefined;
  /**
   * Called last with the store's directory, once the command has ended and its trace is stored. Not
   * called if the embedding program's own telemetry has the spans.
   */
  onStored?: (directory: string) => void;
}

/** A running command: its trace, bus, log and plugins. */
export interface Session {
  readonly log: OperationLog;
  readonly startProgress: StartProgress | undefined;
  readonly bus: LifecycleBus;
  readonly eventLoop: EventLoop | undefined;
  readonly initParent: RemoteParent | undefined;
  /**
   * The container's record at the command's start. Absent in a command that creates the container.
   */
  readonly record: ContainerRecord | undefined;
  readonly notes: ContainerRecord['plugins'];
  readonly pluginCalls: PluginCall[];
  /** Waits for plugins' listeners; absent if there are none. */
  readonly finishListeners: FinishListeners | undefined;
  readonly restart: CommandLine | undefined;
  readonly restarted: RestartedCommand | undefined;
  /** The caller's environment. */
  readonly environment: Environment;
  readonly spans: CommandSpans;
  /** Nanoseconds in which davit only waited for the container's program. */
  waitedNanos: bigint;
  /** Why the program could not be executed, if the command succeeds nevertheless. */
  toleratedError?: StageError;
  readonly onStored: SessionOptions['onStored'];
  /** True once its trace is being stored. */
  ended: boolean;
}

/** The request of every command about a container. */
export interface SessionRequest extends ContainerRequest {
  /** What state.json holds, if the caller has read it. */
  record?: ContainerRecord;
  session?: SessionOptions;
}

/** True for a command that creates the container. */
export const makesContainer = (command: string): boolean =>
  ['create', 'run', 'restore'].includes(command);

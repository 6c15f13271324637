import type { LifecycleBus } from '../bus/bus.ts';
import type { PluginCall } from '../bus/events.ts';
import type { StartProgress } from '../caller/progress.ts';
import type { Readiness } from '../caller/readiness.ts';
import type { Cgroup } from '../cgroups/cgroup.ts';
import type { CheckpointOptions, RestoreOptions } from '../checkpoint/options.ts';
import type { Environment } from '../config/environment.ts';
import type { LinuxResources, Spec } from '../config/types.ts';
import type { StageError } from '../errors/stage-error.ts';
import type { HookRun, HookSpan } from '../hooks/hook-run.ts';
import type { RuntimeChannel } from '../init/channel/channel.ts';
import type { ExpectedChild } from '../init/fork/expected-child.ts';
import type { Forked } from '../init/fork/fork.ts';
import type { InitParent, Placeholder } from '../init/parent/init-parent.ts';
import type { CommandLine } from '../init/restart.ts';
import type { Supervisor } from '../init/supervisor.ts';
import type { StoredContainer } from '../state/container.ts';
import type { ContainerRecord } from '../state/record.ts';
import type { EventLoop } from '../syscalls/poll/event-loop.ts';
import type { InitContext } from './init-context.ts';
import type {
  ConfiguredLaunch,
  ExecOptions,
  InheritedFds,
  Launch,
  RequestedLaunch,
} from './launch.ts';
import type { MountRun } from './mount-run.ts';

/** The context of every command's stages: the bus, the trace and the log. */
export interface CommandContext {
  readonly id: string;
  readonly bus: LifecycleBus;
  /** When the command began, in CLOCK_MONOTONIC nanoseconds. */
  readonly begin: bigint;
  /** The caller's environment. */
  readonly callerEnvironment: Environment;
  /** The event loop of a process that has other work. Absent in one that runs one command. */
  readonly eventLoop?: EventLoop | undefined;
  /** Whose children init and the hooks are. */
  readonly initParent: InitParent;
  /** `TRACEPARENT` and the other variables of the running stage. */
  readonly stageTraceEnvironment: () => Readonly<Record<string, string>>;
  /**
   * Begins the span of a hook of the running stage. `inInit` is true in an init that shares the
   * runtime's memory.
   */
  readonly startHookSpan: (name: string, inInit: boolean) => HookSpan;
  /** Hooks that the running stage has run. Emptied when the stage ends. */
  readonly hookRuns: HookRun[];
  /** Mounts that took long in the running stage. Emptied when the stage ends. */
  readonly mountRuns: MountRun[];
  /** Plugin functions that the running stage has called. Emptied when the stage ends. */
  readonly pluginCalls: PluginCall[];
  /**
   * The container's record, which the command read for its trace before the first stage. Absent for
   * a new container. Absent also if plugins or interceptors came between: the record may have
   * changed.
   */
  readonly recordAtStart?: ContainerRecord | undefined;
  /** The plugins' notes about the container, by plugin. The container's record keeps them. */
  readonly notes?: ContainerRecord['plugins'];
  /** Restores the plugins' notes from the container's record. */
  readonly remember: (record: ContainerRecord) => void;
  /** Records the container's annotations in the trace. */
  readonly describe: (annotations: Readonly<Record<string, string>>) => void;
  /** Logs a problem that is not a failure. */
  readonly warn: (message: string) => void;
  /** Logs a line with --debug. */
  readonly debug: (message: string) => void;
  /** Shows on a terminal what the command waits for. Absent if nobody would see it. */
  readonly startProgress?: StartProgress | undefined;
}

/** A command about a container that exists. */
export interface ContainerContext extends CommandContext {
  /** Directory of all containers' state. */
  readonly root: string;
}

/** From readState on: the container, as its state directory and the kernel have it. */
export interface ReadContext extends ContainerContext {
  readonly container: StoredContainer;
}

/** `davit kill`. */
export interface KillContext extends ContainerContext {
  /** 0 sends nothing and only checks that init exists. */
  readonly signal: number;
  /** No error when the container has stopped: runc's obsolete --all. */
  readonly all: boolean;
}

/** `davit update`. */
export interface UpdateContext extends ContainerContext {
  /** The limits to change. Absent ones stay. Device rules are never changed. */
  readonly changes: LinuxResources;
  /** The name of `changes` in errors: a file's name. */
  readonly source: string;
}

/** From mergeLimits on: the container's configuration, and its limits after the update. */
export interface MergedLimits {
  readonly spec: Spec;
  readonly resources: LinuxResources;
}

/** `davit checkpoint`. */
export interface CheckpointContext extends ContainerContext {
  readonly checkpointOptions: CheckpointOptions;
  /** What this process holds until the end of the command: see cleanup.ts. */
  readonly atEnd: DisposableStack;
}

/** `davit delete`. */
export interface DeleteContext extends ContainerContext {
  /** Kill the container first if it runs. */
  readonly force: boolean;
}

/** A command that makes a process, or starts one that waits. */
export interface ProcessContext extends CommandContext {
  readonly unprivileged: RequestedLaunch['unprivileged'];
  readonly traceEnvironment: RequestedLaunch['traceEnvironment'];
  readonly nofileLimit: RequestedLaunch['nofileLimit'];
  /** Makes what waits for the program, before the fork. Absent if nothing waits. */
  readonly supervise?: ((ctx: ConfiguredContext) => Supervisor) | undefined;
  /** What this process holds until the end of the command: see cleanup.ts. */
  readonly atEnd: DisposableStack;
  /**
   * The runtime's copies of the socket or FIFOs on which init waits for its start. `run` closes
   * them early; part of `atEnd`.
   */
  readonly startSockets: DisposableStack;
  /** fds opened for init, which the runtime closes after the fork. */
  readonly inherited: InheritedFds;
  /** Tells the service manager when the program is ready. Absent if no manager waits for that. */
  readiness?: Readiness | undefined;
  /**
   * True when the caller does not wait for the program. Then a program that cannot be executed is
   * one that ran and failed, as with runc: see docs/decisions/a-program-that-cannot-be-executed.md.
   */
  readonly detached: boolean;
  /** True once init was told to go on to its program: it executes the program or ends. */
  released: boolean;
  /** Why the program of a detached container could not be executed. */
  execFailure?: StageError | undefined;
}

/** `davit start`. */
export interface StartContext extends ContainerContext, ProcessContext {}

/** `davit exec`. */
export interface ExecContext extends ContainerContext, ProcessContext {
  readonly execOptions: ExecOptions;
}

/** `davit create` and `davit run`. The other commands get there by loadConfig. */
export interface LaunchContext extends RequestedLaunch, ProcessContext {
  readonly record: ContainerRecord;
  /**
   * How to run this command again if init dies while it holds the shared thread. Unset when
   * embedded.
   */
  readonly restart?: CommandLine | undefined;
  /** True if this command also executes the program, which must then exist. */
  readonly startsProgram?: boolean;
  /** True while the cgroup that this command has made exists. */
  cgroupCreated?: boolean;
}

/** `davit restore`. */
export interface RestoreContext extends LaunchContext {
  readonly restoreOptions: RestoreOptions;
}

/** From loadConfig on: the configuration is known. */
export interface ConfiguredContext extends LaunchContext, ConfiguredLaunch {}

/** Once all that init inherits is made: what the fork needs. */
export interface PreparedContext extends ConfiguredContext, Launch {
  /** Stands for the program at the end of the stages. Absent if nothing waits. */
  readonly supervisor?: Supervisor | undefined;
  /** A process that holds systemd's scope until init is in the cgroup. */
  readonly placeholder?: Placeholder | undefined;
  /**
   * Has init join the namespaces and cgroups that hooks look for at its pid. Absent if it joins
   * them by itself.
   */
  joinBeforeHooks?: (() => Promise<void>) | undefined;
  /** Set from the fork until the child is cloned, if init's program joins a pid namespace. */
  expectedChild?: ExpectedChild | undefined;
}

/**
 * Once the runtime talks to init. `start` does not know its pidfd, unless a seccomp agent needs it.
 */
export interface RuntimeContext extends PreparedContext {
  /** The runtime's end of the runtime–init socket. */
  channel: RuntimeChannel;
  init?: Forked | undefined;
}

/** From the fork on, in the command that has made init. */
export interface ForkedContext extends RuntimeContext {
  init: Forked;
}

/** At the end of `create`: all that any stage of a container needs. */
export interface CreatedContext extends ForkedContext {
  readonly cgroup: Cgroup;
}

/** A container that has a record, or is about to get one. */
export interface RecordedContext
  extends CommandContext,
    Pick<LaunchContext, 'record' | 'bundle' | 'stateDir'> {}

/** A container that can be ended and removed. */
export interface StoredContext extends RecordedContext, Pick<PreparedContext, 'spec' | 'cgroup'> {}

/**
 * What init walks its stages with. A forked init has a copy of the bus from the time of the fork.
 */
export type WalkContext = InitContext & Pick<CommandContext, 'bus' | 'initParent'>;

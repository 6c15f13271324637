import type { Readiness } from '../caller/readiness.ts';
import type { Cgroup, CgroupAttachment } from '../cgroups/cgroup.ts';
import type { Environment } from '../config/environment.ts';
import type { CgroupManager } from '../config/names/cgroup-managers.ts';
import type { LinuxResources, Process, Spec } from '../config/types.ts';
import type { StageError } from '../errors/stage-error.ts';
import type { HookOutput } from '../hooks/hook-output.ts';
import type { HookRun, HookSpan, TraceHook } from '../hooks/hook-run.ts';
import type { Channel } from '../init/channel/channel.ts';
import type { Unborn } from '../init/fork/adopt-child.ts';
import type { Forked } from '../init/fork/fork.ts';
import type { Placeholder } from '../init/fork/placeholder.ts';
import type { CommandLine } from '../init/restart.ts';
import type { SharedInit } from '../init/shared/shared-init.ts';
import type { Supervisor } from '../init/supervisor.ts';
import type { CapabilitySets } from '../process/capability-sets.ts';
import type { ExecProcessOptions } from '../process/exec-process.ts';
import type { SourceOpener } from '../rootfs/source-opener.ts';
import type { CompiledSeccomp } from '../seccomp/compile.ts';
import type { StoredContainer } from '../state/container.ts';
import type { ContainerRecord } from '../state/record.ts';
import type { StartFifos } from '../state/start-fifos.ts';
import type { ExecFd } from '../syscalls/task/exec.ts';
import type { LifecycleBus } from './bus.ts';
import type { EventLoop } from './event-loop.ts';
import type { PluginCall } from './events.ts';
import type { Stage } from './stage.ts';

/** Options of `create`, `run` and `exec` beyond config.json: runc's flags. */
export interface LaunchOptions {
  /** In place of the bundle's config.json. */
  configFile?: string;
  /** Absolute path of a file to write init's pid to. */
  pidFile?: string;
  /** AF_UNIX socket that receives the terminal's master end. */
  consoleSocket?: string;
  /** AF_UNIX socket that receives a pidfd of init. */
  pidfdSocket?: string;
  /**
   * The socket on which a service manager expects the program's READY=1: a path, or `@` and an
   * abstract name.
   */
  notifySocket?: string;
  /** MS_MOVE and chroot in place of pivot_root. */
  noPivot: boolean;
  /** Keep the caller's session keyring. */
  noNewKeyring: boolean;
  /** False when the program uses the caller's terminal: `run` in the foreground. */
  detach?: boolean;
  /** Number of fds after stdio (and LISTEN_FDS) that the container inherits. */
  preserveFds: number;
}

/** Options of `exec`. Paths on the host are absolute. */
export interface ExecOptions
  extends ExecProcessOptions,
    Omit<LaunchOptions, 'configFile' | 'noPivot' | 'noNewKeyring'> {
  /** A JSON file with the process, as in config.json, in place of the options. */
  processFile?: string;
  /** Return once the program runs. */
  detach: boolean;
  /** Cgroups below the container's: `[controller[,controller]:]path`. */
  cgroup: readonly string[];
  ignorePaused: boolean;
}

/**
 * What runtime and init both know of the container being made. init gets it by the fork, without
 * messages.
 */
export interface Launch {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** The configuration in effect: validated and, if plugins did so, adjusted. */
  spec: Spec;
  /** Absolute, symlink-free path of the rootfs. */
  rootfs: string;
  /** The container's own directory below --root. */
  readonly stateDir: string;
  options: LaunchOptions;
  /** True to go on without cgroups that may not be used (--rootless). */
  readonly rootless: boolean;
  /** Who makes the cgroup. */
  readonly cgroupManager: CgroupManager;
  /** True when davit's caller is not root, in whichever user namespace. */
  readonly unprivileged: boolean;
  /**
   * The number of sockets that the service manager passed on (sd_listen_fds(3)): the fds from 3 on.
   */
  readonly listenFds: number;
  /** Set from createCgroup on. */
  cgroup: Cgroup;
  /** Open fds to enter the cgroup, kept across the fork. Set from limitResources on. */
  attachment: CgroupAttachment | undefined;
  /**
   * fd of the cgroup namespace that an exec's process joins after the clone. Set from forkExec on.
   */
  cgroupNamespace?: number | undefined;
  /** The program's path, if process.args[0] is only its name, as for a hook. */
  readonly program?: string;
  /** The process's fds 0, 1 and 2. Default: the caller's. */
  readonly stdio?: readonly number[];
  /** True when the process joins a pid namespace that has other processes. Set from the fork on. */
  joinsPidNamespace?: boolean;
  /** fd of that namespace, for init. Unset if it is the runtime's own. */
  pidNamespace?: number | undefined;
  /** fsopen(2) contexts for procfs of that namespace, for kernels without the option pidns. */
  procfsContexts?: number[];
  /** The bus of the command. A forked init has a copy from the time of the fork. */
  readonly bus: LifecycleBus;
  /** Opens bind sources and makes devices that init cannot reach: openMountSources. */
  mountSources?: SourceOpener | undefined;
  /** Files for the output of init's hooks. Set from openHookOutput on. */
  hookOutput?: HookOutput | undefined;
  /** linux.seccomp, compiled before the fork. Set from compileSeccomp on. */
  seccomp?: CompiledSeccomp | undefined;
  /** TRACEPARENT (and TRACESTATE, and the caller's BAGGAGE) of the command's span. */
  readonly traceEnvironment: Readonly<Record<string, string>>;
  /** The soft RLIMIT_NOFILE that davit was started with, which Node has raised. */
  noFile: bigint;
}

/** The context of every command's stages: the bus, the trace and the log. */
export interface CommandContext {
  readonly id: string;
  readonly bus: LifecycleBus;
  /** The caller's environment. */
  readonly callerEnvironment: Environment;
  /** `TRACEPARENT` and the other variables of the running stage. */
  readonly stageTraceEnvironment: () => Readonly<Record<string, string>>;
  /**
   * Begins the span of a hook of the running stage. `inInit` is true in an init that shares the
   * runtime's memory.
   */
  readonly startHookSpan: (name: string, inInit: boolean) => HookSpan;
  /** Hooks that the running stage has run. Emptied when the stage ends. */
  readonly hookRuns: HookRun[];
  /** Plugin functions that the running stage has called. Emptied when the stage ends. */
  readonly pluginCalls: PluginCall[];
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
}

/** A command about a container that exists. */
export interface ContainerContext extends CommandContext {
  /** Directory of all containers' state. */
  readonly root: string;
  /** Set from readState on. */
  container: StoredContainer;
}

/** `davit kill`. */
export interface KillContext extends ContainerContext {
  /** 0 sends nothing and only checks that init exists. */
  readonly signal: number;
  /** No error when the container has stopped: runc's obsolete --all. */
  readonly all: boolean;
}

/** `davit exec`. From loadConfig on it has all of {@link RuntimeContext}. */
export interface ExecContext extends ContainerContext {
  readonly asked: ExecOptions;
}

/** `davit update`. */
export interface UpdateContext extends ContainerContext {
  /** The limits to change. Absent ones stay. Device rules are never changed. */
  readonly asked: LinuxResources;
  /** The name of `asked` in errors: a file's name. */
  readonly source: string;
  /** The container's configuration. Set from mergeLimits on. */
  spec: Spec;
  /** The limits after the update. Set from mergeLimits on. */
  resources: LinuxResources;
}

/** `davit delete`. From loadConfig on it has all of {@link RuntimeContext}. */
export interface DeleteContext extends ContainerContext {
  /** Kill the container first if it runs. */
  readonly force: boolean;
}

/** The runtime's context of a container being made. */
export interface RuntimeContext extends Launch, CommandContext {
  readonly record: ContainerRecord;
  /** Set from the fork on. */
  init: Forked | undefined;
  /** Set from the fork until the child is cloned, if init's program joins a pid namespace. */
  unborn?: Unborn | undefined;
  /** Set while init shares the runtime's memory. */
  sharing?: Sharing | undefined;
  /** The embedding program's event loop. Absent in a process that runs one command. */
  readonly eventLoop?: EventLoop | undefined;
  /**
   * How to run this command again if init dies while it holds the shared thread. Unset when
   * embedded.
   */
  readonly restart?: CommandLine | undefined;
  /** Makes what waits for the program, before the fork. Absent if nothing waits. */
  readonly supervise?: ((ctx: RuntimeContext) => Supervisor) | undefined;
  /** The result of `supervise`. Set from connectToCaller on. */
  supervisor?: Supervisor | undefined;
  /** The runtime's end of the runtime–init socket. */
  channel: Channel | undefined;
  /** fds opened for init, which the runtime closes after the fork. */
  readonly inherited: InheritedFds;
  /** Tells the service manager when the program is ready. Absent if no manager waits for that. */
  readiness?: Readiness | undefined;
  /**
   * True when the caller does not wait for the program. Then a program that cannot be executed is one
   * that ran and failed, as with runc: see docs/decisions/a-program-that-cannot-be-executed.md.
   */
  detached: boolean;
  /** True if this command also executes the program, which must then exist. */
  readonly startsProgram?: boolean;
  /** True once init was told to go on to its program: it executes the program or ends. */
  released: boolean;
  /** Why the program of a detached container could not be executed. */
  execFailure?: StageError | undefined;
  /** True once this command owns the state directory and may remove it. */
  claimed: boolean;
  cgroupCreated: boolean;
  /** A process that holds systemd's scope until init is in the cgroup. */
  placeholder?: Placeholder | undefined;
  /**
   * fd of the container's network namespace, as long as devices may have to be moved back from it.
   */
  netNamespace?: number | undefined;
}

/** An init that shares the runtime's memory, and the stages for it. */
export interface Sharing {
  readonly init: SharedInit;
  readonly context: InitContext;
  /** The applicable stages from the fork to the program. */
  readonly stages: readonly Stage[];
}

/** fds that the runtime opens for init, which cannot reach the host's paths itself. */
export interface InheritedFds {
  /** The listening socket for `davit start`, open until exec (state/notify-socket.ts). */
  notify: number;
  /** FIFOs for `davit start` in place of the socket: see forkInit. */
  fifos?: StartFifos | undefined;
  /** Connected to --console-socket, or to the runtime's own relay; -1 without a terminal. */
  console: number;
  /** Connected to --pidfd-socket; -1 without one. */
  pidfd: number;
}

/** The context of a container stage: synchronous code inside init, in its namespaces. */
export interface InitContext extends Launch {
  /** The process that this one becomes: `spec.process`, or that of `exec`. */
  readonly process: Process;
  readonly inherited: InheritedFds;
  /** init's end of its socket to the runtime. */
  channel: Channel;
  /** Absent in a forked init, which cannot write to the trace itself. */
  readonly traceHook?: TraceHook | undefined;
  /**
   * fd of a procfs of this process's pid namespace, which the container can neither reach nor
   * cover; -1 before openProcfs.
   */
  procfs: number;
  /** O_PATH fd of the rootfs' mount, from prepareRootfs on; -1 before. */
  rootfsFd: number;
  /** fd of the trampoline's file: see trampolineFile. */
  readonly trampoline: number;
  /** fd of the terminal's slave end. Set by setupConsole. */
  terminal: number | undefined;
  /**
   * The program's capability sets, if init keeps one more until a filter is installed:
   * filter-capability.ts.
   */
  afterFilter?: CapabilitySets | undefined;
  /** Absolute path of the program in the container. Set by findProgram. */
  executable: string;
  /** The program's environment, once prepared. */
  environment: string[];
  /** How init executes the program. */
  readonly execFd: ExecFd;
}

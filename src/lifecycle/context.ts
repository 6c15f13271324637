import type { Readiness } from '../caller/readiness.ts';
import type { Cgroup, CgroupAttachment } from '../cgroups/cgroup.ts';
import type { CgroupManager } from '../config/names/cgroup-managers.ts';
import type { LinuxResources, Process, Spec } from '../config/types.ts';
import type { StageError } from '../errors/stage-error.ts';
import type { HookOutput } from '../hooks/hook-output.ts';
import type { HookRun, HookSpan, TraceHook } from '../hooks/hook-run.ts';
import type { Channel } from '../init/channel/channel.ts';
import type { Forked } from '../init/fork/fork.ts';
import type { Placeholder } from '../init/fork/placeholder.ts';
import type { SharedInit } from '../init/shared/shared-init.ts';
import type { Supervisor } from '../init/supervisor.ts';
import type { CapabilitySets } from '../process/capability-sets.ts';
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

/** What the caller asked of `create`, `run` or `exec` beyond config.json: runc's flags. */
export interface LaunchOptions {
  /** Absolute path of a file to write init's pid to. */
  pidFile?: string;
  /** AF_UNIX socket that receives the terminal's master end. */
  consoleSocket?: string;
  /** AF_UNIX socket that receives a pidfd of init. */
  pidfdSocket?: string;
  /** Where a service manager waits for the program's READY=1: a path, or `@` and an abstract name. */
  notifySocket?: string;
  /** MS_MOVE and chroot in place of pivot_root. */
  noPivot: boolean;
  /** Keep the caller's session keyring. */
  noNewKeyring: boolean;
  /** False where the caller's terminal is lent to the program: `run` in the foreground. */
  detach?: boolean;
  /** Number of fds after stdio (and LISTEN_FDS) that the container inherits. */
  preserveFds: number;
}

/**
 * What both sides know of the container being made. init inherits a copy through the fork, so
 * nothing of it is sent.
 */
export interface Launch {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** The configuration in effect: validated and, where plugins ask, adjusted. */
  spec: Spec;
  /** Absolute, symlink-free path of the rootfs. */
  rootfs: string;
  /** The container's own directory below --root. */
  readonly stateDir: string;
  options: LaunchOptions;
  /** True when cgroups that may not be used are done without (--rootless). */
  readonly rootless: boolean;
  /** Who makes the cgroup. */
  readonly cgroupManager: CgroupManager;
  /** True when whoever called davit is not root, of whichever user namespace. */
  readonly unprivileged: boolean;
  /** How many sockets the service manager passed on (sd_listen_fds(3)), the fds from 3 on. */
  readonly listenFds: number;
  /** From createCgroup on. */
  cgroup: Cgroup;
  /** The way into it, open across the fork; from limitResources on. */
  attachment: CgroupAttachment | undefined;
  /** fd of the cgroup namespace that an exec's process joins once it is born; from forkExec on. */
  cgroupNamespace?: number | undefined;
  /** The process is to be in a pid namespace in which others are already; from its fork on. */
  joinsPidNamespace?: boolean;
  /** Who is told and asked. A forked init has the runtime's bus as it was at the fork. */
  readonly bus: LifecycleBus;
  /** Opens bind sources and devices for init, where it may need that: openMountSources. */
  mountSources?: SourceOpener | undefined;
  /** Open for init, where its hooks print to files; from openHookOutput on. */
  hookOutput?: HookOutput | undefined;
  /** linux.seccomp, compiled before the fork; from compileSeccomp on. */
  seccomp?: CompiledSeccomp | undefined;
  /** TRACEPARENT (and TRACESTATE, and the caller's BAGGAGE) of the command's span. */
  readonly traceEnvironment: Readonly<Record<string, string>>;
  /** The soft RLIMIT_NOFILE that davit was started with, which Node has raised. */
  noFile: bigint;
}

/** What the stages of every command have: who is told and asked, and how the caller is told. */
export interface CommandContext {
  readonly id: string;
  readonly bus: LifecycleBus;
  /** `TRACEPARENT` and its like of the stage that is running. */
  readonly stageTraceEnvironment: () => Readonly<Record<string, string>>;
  /** Begins the span of a hook of that stage. `inInit` is true in an init that shares the runtime's memory. */
  readonly startHookSpan: (name: string, inInit: boolean) => HookSpan;
  /** The hooks that the running stage has run so far: taken out when it ends. */
  readonly hookRuns: HookRun[];
  /** The plugins' functions that the running stage has called so far: taken out when it ends. */
  readonly pluginCalls: PluginCall[];
  /** What plugins note of the container, by plugin: its record keeps it. */
  readonly notes?: ContainerRecord['plugins'];
  /** Tells the plugins what earlier commands have kept of the container. */
  readonly remember: (record: ContainerRecord) => void;
  /** Tells the caller of what went wrong without being a failure. */
  readonly warn: (message: string) => void;
  /** Tells whoever asked for --debug. */
  readonly debug: (message: string) => void;
}

/** A command about a container that exists. */
export interface ContainerContext extends CommandContext {
  /** Directory of all containers' state. */
  readonly root: string;
  /** From readState on. */
  container: StoredContainer;
}

/** `davit kill`. */
export interface KillContext extends ContainerContext {
  /** 0 only looks whether init is there. */
  readonly signal: number;
  /** A stopped container is no error: runc's obsolete --all. */
  readonly all: boolean;
}

/** `davit update`. */
export interface UpdateContext extends ContainerContext {
  /** What changes; what is absent stays. Device rules are never changed. */
  readonly asked: LinuxResources;
  /** What to call `asked` in errors: a file's name. */
  readonly source: string;
  /** The container's configuration; from mergeLimits on. */
  spec: Spec;
  /** The limits that the container is to have; from mergeLimits on. */
  resources: LinuxResources;
}

/** `davit delete`: with what {@link RuntimeContext} has from loadConfig on. */
export interface DeleteContext extends ContainerContext {
  /** Kill it first when it runs. */
  readonly force: boolean;
}

/** The runtime's end of a container being made. */
export interface RuntimeContext extends Launch, CommandContext {
  readonly record: ContainerRecord;
  /** init, from the fork on. */
  init: Forked | undefined;
  /** While init shares the runtime's memory. */
  sharing?: Sharing | undefined;
  /** Of the program that embeds davit; absent in a process that is there for one command. */
  readonly eventLoop?: EventLoop | undefined;
  /** The command line that stands for this process, when init takes it along: a command's. */
  readonly restart?: readonly string[] | undefined;
  /** Begins to stand in for the program, where somebody waits for it; before the fork. */
  readonly supervise?: ((ctx: RuntimeContext) => Supervisor) | undefined;
  /** What does so; from connectToCaller on. */
  supervisor?: Supervisor | undefined;
  /** The runtime's end of the runtime–init socket. */
  channel: Channel | undefined;
  /** fds opened for init, which the runtime closes after the fork. */
  readonly inherited: InheritedFds;
  /** Tells the service manager when the program is ready; absent where none waits for that. */
  readiness?: Readiness | undefined;
  /**
   * True when the caller does not wait for the program. Then a program that cannot be executed is one
   * that ran and failed, as with runc: see docs/decisions/a-program-that-cannot-be-executed.md.
   */
  detached: boolean;
  /** True from when init was told to go on to its program: it runs that or ends. */
  released: boolean;
  /** Why the program of a detached container could not be executed. */
  execFailure?: StageError | undefined;
  /** True from when the state directory is ours, and ours to remove. */
  claimed: boolean;
  cgroupCreated: boolean;
  /** In the cgroup until init is, where systemd makes it. */
  placeholder?: Placeholder | undefined;
  /** The container's network namespace, while devices in it might have to go back. */
  netNamespace?: number | undefined;
}

/** An init that shares the runtime's memory, and what it is to walk. */
export interface Sharing {
  readonly init: SharedInit;
  readonly context: InitContext;
  /** The applicable stages from the fork to the program. */
  readonly stages: readonly Stage[];
}

/** fds that the runtime opens and init uses: host paths that init itself cannot reach. */
export interface InheritedFds {
  /** The socket `davit start` connects to, listening; held until exec (state/notify-socket.ts). */
  notify: number;
  /** Where `davit start` is heard in its place: forkInit. */
  fifos?: StartFifos | undefined;
  /** Connected to --console-socket, or to the runtime's own relay; -1 without a terminal. */
  console: number;
  /** Connected to --pidfd-socket; -1 without one. */
  pidfd: number;
}

/** What a container-side stage works on: synchronous code, inside init, in its namespaces. */
export interface InitContext extends Launch {
  /** The process to become: `spec.process`, or `exec`'s own. */
  readonly process: Process;
  readonly inherited: InheritedFds;
  /** init's end of the socket to whichever runtime is listening. */
  channel: Channel;
  /** Absent in a forked init, which has no trace of its own to write to. */
  readonly traceHook?: TraceHook | undefined;
  /**
   * A procfs of the pid namespace that this process is in, which nothing in the container can reach or
   * cover; -1 before openProcfs.
   */
  procfs: number;
  /** O_PATH fd of the rootfs' mount, from prepareRootfs on; -1 before. */
  rootfsFd: number;
  /** The file for the trampoline: see trampolineFile. */
  readonly trampoline: number;
  /** fd of the terminal's slave end, once opened by setupConsole. */
  terminal: number | undefined;
  /** The program's, where one more is kept for a filter that is yet to be installed: filter-capability.ts. */
  afterFilter?: CapabilitySets | undefined;
  /** Absolute path in the container of the program, once found by findExecutable. */
  executable: string;
  /** The environment the program gets, once prepared. */
  environment: string[];
  /** How init becomes its last program. */
  readonly execFd: ExecFd;
}

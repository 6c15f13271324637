import type { Cgroup, CgroupAttachment } from '../cgroups/cgroup.ts';
import type { CgroupManager } from '../config/names/cgroup-managers.ts';
import type { Spec } from '../config/types.ts';
import type { HookFiles } from '../hooks/hook-output.ts';
import type { ExecProcessOptions } from '../process/exec-process.ts';
import type { SourceOpener } from '../rootfs/source-opener.ts';
import type { CompiledSeccomp } from '../seccomp/compile.ts';
import type { StartFifos } from '../state/start-fifos.ts';
import type { Limits } from '../syscalls/task/rlimit.ts';

/** Options of `create`, `run` and `exec` beyond config.json: runc's flags. */
export interface LaunchOptions {
  /** In place of the bundle's config.json. */
  configFile?: string;
  /** Absolute path of a file to write init's pid to. */
  pidFile?: string;
  /** AF_UNIX socket that receives the terminal's master end. */
  consoleSocket?: string;
  /** A connected socket for the same, in place of the path. The caller closes it. */
  console?: number;
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

/** What the caller asked of `exec`. Paths on the host are absolute. */
export interface ExecOptions
  extends ExecProcessOptions,
    Omit<LaunchOptions, 'configFile' | 'noPivot' | 'noNewKeyring'> {
  /** A file that holds the process as config.json would, in place of the options. */
  processFile?: string;
  /** What such a file holds. */
  processText?: string;
  /** Return once the program runs. */
  detach: boolean;
  /** Cgroups below the container's: `[controller[,controller]:]path`. */
  cgroup: readonly string[];
  ignorePaused: boolean;
}

/** What is known of a container, or of a process in it, before its configuration is loaded. */
export interface RequestedLaunch {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
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
  /** The program's path, if process.args[0] is only its name, as for a hook. */
  readonly program?: string;
  /** True if the program gets process.env as it is: no HOME is added. Default: false. */
  readonly exactEnvironment?: boolean;
  /** The process's fds 0, 1 and 2. Default: the caller's. */
  readonly stdio?: readonly number[];
  /** TRACEPARENT (and TRACESTATE, and the caller's BAGGAGE) of the command's span. */
  readonly traceEnvironment: Readonly<Record<string, string>>;
  /** RLIMIT_NOFILE that davit was started with. Node has raised the soft limit. */
  readonly nofileLimit: Limits;
}

/** A launch whose configuration is loaded. */
export interface ConfiguredLaunch extends RequestedLaunch {
  /** The configuration in effect: validated and, if plugins did so, adjusted. */
  spec: Spec;
}

/** How init enters existing namespaces. Known from forkInit or forkExec on. */
export interface NamespacesOfInit {
  /** fd of the cgroup namespace that an exec's process joins after the clone. */
  cgroupNamespace?: number | undefined;
  /** True when the process joins a pid namespace that has other processes. */
  joinsPidNamespace?: boolean;
  /** fd of that namespace, for init. Unset if it is the runtime's own. */
  pidNamespace?: number | undefined;
  /** fsopen(2) contexts for procfs of that namespace, for kernels without the option pidns. */
  procfsContexts?: number[];
}

/**
 * A launch that is ready for the fork: what runtime and init both know. init gets it by the fork,
 * without messages.
 */
export interface Launch extends ConfiguredLaunch, NamespacesOfInit {
  /** Absolute, symlink-free path of the rootfs. */
  readonly rootfs: string;
  /** Undefined for an existing container that has none. */
  readonly cgroup: Cgroup | undefined;
  /** Open fds to enter the cgroup, kept across the fork. */
  readonly attachment?: CgroupAttachment | undefined;
  /** Opens bind sources and makes devices that init cannot reach: openMountSources. */
  mountSources?: SourceOpener | undefined;
  /** Files for the output of init's hooks. */
  readonly hookOutput?: HookFiles | undefined;
  /** linux.seccomp, compiled before the fork. */
  readonly seccomp?: CompiledSeccomp | undefined;
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

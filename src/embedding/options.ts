import type { Readable, Writable } from 'node:stream';
import type { OptionKinds } from '../check-options.ts';
import type { Spec } from '../config/types.ts';
import type { GivenPlugin } from '../plugins/api.ts';
import type { TerminalSize } from './operations.ts';

export interface DavitOptions {
  /** Directory of all containers' state. Default: /run/davit. */
  root?: string;
  /**
   * Have systemd make the cgroups, over D-Bus: containers are scopes, and `linux.cgroupsPath` is
   * `slice:prefix:name`. Scopes of an ordinary user belong to the user's own manager. Default:
   * davit makes the cgroups.
   */
  systemdCgroup?: boolean;
  /** Plugins for every container, called in this order. They need `inProcess`. */
  plugins?: readonly GivenPlugin[];
  /**
   * Whether this process itself makes the containers. It then needs {@link NODE_FLAGS}, and has no
   * worker threads. Otherwise davit's program makes them, in processes of its own. Default: true
   * where this process can.
   */
  inProcess?: boolean;
  /**
   * Which server davit's program asks: the one that runs (`found`), one that this program starts
   * and that ends with this program (`own`), or `none`. Without a server each operation starts a
   * Node.js. Default: `found`.
   */
  server?: 'found' | 'own' | 'none';
}

export const DAVIT_OPTIONS: OptionKinds<DavitOptions> = {
  root: 'string?',
  systemdCgroup: 'boolean?',
  plugins: 'list?',
  inProcess: 'boolean?',
  server: 'server?',
};

/** What a new container runs. */
export interface ContainerOptions {
  /** Default: `davit-`, this process's pid and a random text. */
  id?: string;
  /** Directory that holds config.json and, usually, the root file system. */
  bundle: string;
  /** The configuration, in place of the bundle's config.json. */
  spec?: Spec;
  /** The program and its arguments, in place of `process.args`. */
  args?: readonly string[];
  /** Variables to add to `process.env`. */
  env?: Readonly<Record<string, string>>;
  /** Working directory in the container, in place of `process.cwd`. */
  cwd?: string;
  /** `uid[:gid]`, in place of `process.user`. */
  user?: string;
}

const CONTAINER_OPTIONS = {
  id: 'string?',
  bundle: 'string',
  spec: 'object?',
  args: 'strings?',
  env: 'variables?',
  cwd: 'string?',
  user: 'string?',
} as const satisfies OptionKinds<ContainerOptions>;

export interface CreateOptions extends ContainerOptions {
  /** AF_UNIX socket that receives the terminal's master end. */
  consoleSocket?: string;
  /** This process's own, nothing, or `container.stdin`. Default: `inherit`. */
  stdin?: 'inherit' | 'ignore' | 'pipe';
  /** This process's own, nothing, or `container.stdout`. Default: `inherit`. */
  stdout?: 'inherit' | 'ignore' | 'pipe';
  /** This process's own, nothing, or `container.stderr`. Default: `inherit`. */
  stderr?: 'inherit' | 'ignore' | 'pipe';
}

export const CREATE_OPTIONS: OptionKinds<CreateOptions> = {
  ...CONTAINER_OPTIONS,
  consoleSocket: 'string?',
  stdin: 'stdio?',
  stdout: 'stdio?',
  stderr: 'stdio?',
};

/** What a program reads and writes, and what ends it before its time. */
export interface ProgramOptions {
  /** What the program reads from `stdin`. */
  input?: string | Uint8Array;
  /** This process's own, nothing, the program's `stdin`, or a stream. Default: `ignore`. */
  stdin?: 'inherit' | 'ignore' | 'pipe' | Readable;
  /**
   * The result's `stdout` (`capture`), this process's own, nothing, the program's `stdout` (`pipe`),
   * or a stream. Default: `capture`.
   */
  stdout?: 'capture' | 'inherit' | 'ignore' | 'pipe' | Writable;
  /** As `stdout`. */
  stderr?: 'capture' | 'inherit' | 'ignore' | 'pipe' | Writable;
  /** The most bytes of `stdout`, and of `stderr`, that are captured. Default: 16 MiB. */
  maxBuffer?: number;
  /**
   * A terminal of that size for the program, which reads what `stdin` or `input` gives, and whose
   * output is all in `stdout`.
   */
  terminal?: TerminalSize;
  /** Kills the program when it is aborted. */
  signal?: AbortSignal;
  /** Milliseconds after which the program is killed. */
  timeout?: number;
}

const PROGRAM_OPTIONS = {
  input: 'input?',
  stdin: 'source?',
  stdout: 'sink?',
  stderr: 'sink?',
  maxBuffer: 'bytes?',
  terminal: 'terminalSize?',
  signal: 'abortSignal?',
  timeout: 'milliseconds?',
} as const satisfies OptionKinds<ProgramOptions>;

export interface RunOptions extends ContainerOptions, ProgramOptions {}

export const RUN_OPTIONS: OptionKinds<RunOptions> = { ...CONTAINER_OPTIONS, ...PROGRAM_OPTIONS };

export interface ExecOptions extends ProgramOptions {
  /** Variables to add to those of the container's program. */
  env?: Readonly<Record<string, string>>;
  /** Working directory in the container. Default: that of the container's program. */
  cwd?: string;
  /** `uid[:gid]`. Default: the user of the container's program. */
  user?: string;
}

export const EXEC_OPTIONS: OptionKinds<ExecOptions> = {
  ...PROGRAM_OPTIONS,
  env: 'variables?',
  cwd: 'string?',
  user: 'string?',
};

export interface PoolOptions extends Omit<ContainerOptions, 'id' | 'args'> {
  /** The number of containers that wait. */
  size: number;
}

const { id: _id, args: _args, ...WAITING_OPTIONS } = CONTAINER_OPTIONS;

export const POOL_OPTIONS: OptionKinds<PoolOptions> = { ...WAITING_OPTIONS, size: 'count' };

export interface PoolRunOptions
  extends Omit<ProgramOptions, 'stdin' | 'stdout' | 'stderr' | 'terminal'> {
  /** Nothing, or a stream. Default: `ignore`. */
  stdin?: 'ignore' | Readable;
  /** The result's `stdout` (`capture`), nothing, or a stream. Default: `capture`. */
  stdout?: 'capture' | 'ignore' | Writable;
  /** As `stdout`. */
  stderr?: 'capture' | 'ignore' | Writable;
  /** Variables to add to those of the pool. */
  env?: Readonly<Record<string, string>>;
  /** Working directory in the container. Default: that of the pool. */
  cwd?: string;
}

const { terminal: _terminal, ...POOLED_OPTIONS } = PROGRAM_OPTIONS;

export const POOL_RUN_OPTIONS: OptionKinds<PoolRunOptions> = {
  ...POOLED_OPTIONS,
  stdin: 'pooledSource?',
  stdout: 'pooledSink?',
  stderr: 'pooledSink?',
  env: 'variables?',
  cwd: 'string?',
};

export interface DeleteOptions {
  /** Kills the container first. Default: it must have stopped. */
  force?: boolean;
}

export const DELETE_OPTIONS: OptionKinds<DeleteOptions> = { force: 'boolean?' };

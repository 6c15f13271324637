import type { Readable, Writable } from 'node:stream';
import type { CgroupStats } from '../cgroups/usage/stats.ts';
import type { CheckpointOptions, CriuOptions } from '../checkpoint/options.ts';
import type { LinuxResources } from '../config/types.ts';
import type { ContainerState } from '../operations/observe/state.ts';

/** What one of a program's fds 0, 1 and 2 is: this process's own, /dev/null, or a pipe to this process. */
export type StdioKind = 'inherit' | 'ignore' | 'pipe';
export type StdioKinds = readonly [stdin: StdioKind, stdout: StdioKind, stderr: StdioKind];

/** This process's ends of the pipes; null for what is none. */
export interface StdioStreams {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

export interface TerminalSize {
  rows: number;
  columns: number;
}

/** A container to make. Paths are absolute. */
export interface Launch {
  readonly id: string;
  readonly bundle: string;
  /** In place of the bundle's config.json. */
  readonly configFile: string | undefined;
  readonly consoleSocket: string | undefined;
  readonly stdio: StdioKinds;
  /** The size of the terminal that the program gets, in place of stdio. */
  readonly terminal: TerminalSize | undefined;
}

/** A program to run in a container. */
export interface Exec {
  readonly id: string;
  readonly args: readonly string[];
  /** `NAME=value`, added to the container's. */
  readonly env: readonly string[];
  readonly cwd: string | undefined;
  /** `uid[:gid]`. */
  readonly user: string | undefined;
  readonly stdio: StdioKinds;
  /** The size of the terminal that the program gets, in place of stdio. */
  readonly terminal: TerminalSize | undefined;
}

/** A program that runs, or is about to. */
export interface Started {
  /** Rejects as `status` does. */
  readonly streams: Promise<StdioStreams>;
  /**
   * The program's exit status, 128 + n when signal n killed it. Rejects with what went wrong before
   * the program ran.
   */
  readonly status: Promise<number>;
  /** Sends a signal once the program runs: before, init would get the signal, and may ignore it. */
  kill(signal: number): Promise<void>;
  /** Kills the program, or what would become it, as soon as there is a process. */
  abort(): Promise<void>;
  /** Changes the size of the program's terminal. */
  resize?(size: TerminalSize): void;
}

/** The end of a container's init. */
export interface InitEnd {
  /** Its exit status; undefined if this program did not create the container. */
  readonly status: Promise<number | undefined>;
  /** Whether waiting for the end keeps this program alive. */
  hold(alive: boolean): void;
}

/** The init of a container that was created. */
export interface CreatedInit {
  readonly streams: StdioStreams;
  readonly end: InitEnd;
}

/**
 * Carries out what a program asks of davit, in one of two ways: in the program's own process, or by
 * starting davit's program. Both do the same and fail with the same errors. Options are checked
 * already.
 */
export interface Operations {
  create(launch: Launch): Promise<CreatedInit>;
  run(launch: Launch): Started;
  checkpoint(id: string, options: CheckpointOptions): Promise<void>;
  restore(launch: Launch, options: CriuOptions): Promise<CreatedInit>;
  exec(exec: Exec): Started;
  /** The end of the init of an existing container. Throws `container does not exist`. */
  initEnd(id: string): InitEnd;
  start(id: string): Promise<void>;
  kill(id: string, signal: number): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  update(id: string, resources: LinuxResources): Promise<void>;
  stats(id: string): Promise<CgroupStats>;
  delete(id: string, force: boolean): Promise<void>;
  state(id: string): Promise<ContainerState>;
  list(): Promise<ContainerState[]>;
}

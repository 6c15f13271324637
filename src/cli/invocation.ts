import { resolve } from 'node:path';
import type { Environment } from '../config/environment.ts';
import type { RemoteParent } from '../init/parent/init-parent.ts';
import type { RestartedCommand } from '../init/restart.ts';
import type { Released } from '../operations/release/released-start.ts';
import type { Output } from './output/output.ts';

/** One call of davit: what its caller brings, and where its output goes. */
export interface Invocation {
  /** The words after `davit`. */
  readonly args: readonly string[];
  readonly environment: Environment;
  /** The working directory, absolute. Reading it throws ENOENT if the directory was removed. */
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** When davit was called, in CLOCK_MONOTONIC nanoseconds. */
  readonly start: bigint;
  /** Argv that starts davit, without the words after it. */
  readonly davit: readonly [program: string, ...args: string[]];
  /** Present if this process runs nothing but this command. */
  readonly process: CommandProcess | undefined;
  /** The parent of containers' processes, unless that is this process. */
  readonly initParent: RemoteParent | undefined;
  /** The server that runs the command, if one does. */
  readonly server: RunningServer | undefined;
  /**
   * Called once, before the command does anything. Rejects with {@link LeftToCaller} if the process
   * also serves others and the command needs one of its own.
   */
  begin(command: CommandNeeds): Promise<void>;
  /** Runs `action`, which makes or opens `path`, with the caller's umask. */
  creating<T>(path: string, action: () => T): T;
}

/** What a command needs of the process that runs it. */
export interface CommandNeeds {
  /** As on the command line. */
  name: string;
  /**
   * Why it needs a process of its own, if it does. Only a server asks: to find out may take reading
   * the container's configuration.
   */
  ownProcess?(): string | undefined | Promise<string | undefined>;
  /** Running it twice does the same as running it once. */
  repeatable: boolean;
}

/** Why a server does not run a command. Its caller then runs it in a process of its own. */
export class LeftToCaller extends Error {
  override readonly name = 'LeftToCaller';
}

export interface RunningServer {
  /** What it has done, for people. */
  status(): string;
}

/** A process that runs one command, and may be executed anew in its middle. */
export interface CommandProcess {
  /** Runs the command of another call, as a server does. Returns its exit status. */
  run(invocation: Invocation): Promise<number>;
  /** What the process did before it was executed anew. Answers once. */
  restarted(): RestartedCommand | undefined;
  /** What a `davit start` released before it was executed anew. Answers once. */
  released(): Released | undefined;
}

/** A path that the caller names, made absolute. */
export const callersPath = (invocation: Invocation, path: string): string =>
  path.startsWith('/') ? resolve(path) : resolve(invocation.cwd, path);

import type { Readable, Writable } from 'node:stream';
import type { CgroupStats } from './cgroups/usage/stats.ts';
import { checkArgs, checkNoOptions, checkOptions, checkSignal } from './check-options.ts';
import type { LinuxResources } from './config/types.ts';
import {
  CHECKPOINT_OPTIONS,
  type CheckpointOptions,
  checkpointRequest,
} from './embedding/criu-options.ts';
import { variables } from './embedding/launch-config.ts';
import type { InitEnd, Operations, StdioStreams } from './embedding/operations.ts';
import {
  DELETE_OPTIONS,
  type DeleteOptions,
  EXEC_OPTIONS,
  type ExecOptions,
} from './embedding/options.ts';
import { type ProgramEnd, programEnd } from './embedding/program-result.ts';
import { RunningProgram, stdioKinds } from './embedding/running-program.ts';
import type { ContainerState } from './operations/observe/state.ts';

const NONE: StdioStreams = { stdin: null, stdout: null, stderr: null };

/**
 * A container that this program, or another, created. Methods reject with what went wrong. `await
 * using` kills and deletes it at the end of the block.
 */
export class Container implements AsyncDisposable {
  readonly id: string;
  /** The standard input of the container's program, with `stdin: 'pipe'`. */
  readonly stdin: Writable | undefined;
  /** The standard output of the container's program, with `stdout: 'pipe'`. */
  readonly stdout: Readable | undefined;
  /** The standard error of the container's program, with `stderr: 'pipe'`. */
  readonly stderr: Readable | undefined;
  readonly #operations: Operations;
  readonly #end: InitEnd;

  /** @internal */
  static of(id: string, operations: Operations, end: InitEnd, streams = NONE): Container {
    return new Container(id, operations, end, streams);
  }

  private constructor(id: string, operations: Operations, end: InitEnd, streams: StdioStreams) {
    this.id = id;
    this.#operations = operations;
    this.#end = end;
    this.stdin = streams.stdin ?? undefined;
    this.stdout = streams.stdout ?? undefined;
    this.stderr = streams.stderr ?? undefined;
  }

  /** Starts the container's program. Rejects with the reason when it cannot be executed. */
  async start(...none: []): Promise<void> {
    checkNoOptions('container.start', none);
    await this.#operations.start(this.id);
  }

  /**
   * How the container's program ended, once it has; `undefined` when this program did not create
   * the container.
   */
  async wait(...none: []): Promise<ProgramEnd | undefined> {
    checkNoOptions('container.wait', none);
    this.#end.hold(true);
    const status = await this.#end.status;
    return status === undefined ? undefined : programEnd(status);
  }

  /** Runs another program in the container. `args` are the program and its arguments. */
  exec(args: readonly string[], options: ExecOptions = {}): RunningProgram {
    checkArgs('container.exec', args);
    checkOptions<ExecOptions>('container.exec', options, EXEC_OPTIONS);
    const { env = {}, cwd, user, terminal } = options;
    const stdio = stdioKinds(options);
    const exec = { id: this.id, args, env: variables(env), cwd, user, stdio, terminal };
    return new RunningProgram(this.#operations.exec(exec), options);
  }

  /** Sends a signal, by its number, to the container's init. */
  async kill(signal: number): Promise<void> {
    checkSignal('container.kill', signal);
    await this.#operations.kill(this.id, signal);
  }

  /** Freezes every process of the container. */
  async pause(...none: []): Promise<void> {
    checkNoOptions('container.pause', none);
    await this.#operations.pause(this.id);
  }

  async resume(...none: []): Promise<void> {
    checkNoOptions('container.resume', none);
    await this.#operations.resume(this.id);
  }

  /** Changes limits. Limits that `resources` leaves out stay. Device rules are never changed. */
  async update(resources: LinuxResources): Promise<void> {
    await this.#operations.update(this.id, resources);
  }

  /** The container's use of resources, now. */
  async stats(...none: []): Promise<CgroupStats> {
    checkNoOptions('container.stats', none);
    return await this.#operations.stats(this.id);
  }

  /** Saves the container with criu, and removes the container unless it is to go on. */
  async checkpoint(options: CheckpointOptions): Promise<void> {
    checkOptions<CheckpointOptions>('container.checkpoint', options, CHECKPOINT_OPTIONS);
    await this.#operations.checkpoint(this.id, checkpointRequest(options));
  }

  /** Removes the container. */
  async delete(options: DeleteOptions = {}): Promise<void> {
    checkOptions<DeleteOptions>('container.delete', options, DELETE_OPTIONS);
    await this.#operations.delete(this.id, options.force ?? false);
  }

  async state(...none: []): Promise<ContainerState> {
    checkNoOptions('container.state', none);
    return await this.#operations.state(this.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#operations.delete(this.id, true);
  }
}

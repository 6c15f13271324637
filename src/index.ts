import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { LifecycleBus, type Listener } from './bus/bus.ts';
import type { LifecycleEvents } from './bus/events.ts';
import { checkNoOptions, checkOptions, checkText } from './check-options.ts';
import { isObject } from './config/is-object.ts';
import { Container } from './container.ts';
import { ByProgram } from './embedding/by-program/by-program.ts';
import { criuRequest, RESTORE_OPTIONS, type RestoreOptions } from './embedding/criu-options.ts';
import { InProcess } from './embedding/in-process/in-process.ts';
import { refuseProcess } from './embedding/in-process/refuse-threads.ts';
import { launchConfig, removeConfig } from './embedding/launch-config.ts';
import type {
  CreatedInit,
  Launch,
  Operations,
  StdioKinds,
  TerminalSize,
} from './embedding/operations.ts';
import {
  type ContainerOptions,
  CREATE_OPTIONS,
  type CreateOptions,
  DAVIT_OPTIONS,
  type DavitOptions,
  POOL_OPTIONS,
  type PoolOptions,
  RUN_OPTIONS,
  type RunOptions,
} from './embedding/options.ts';
import { Pool } from './embedding/pool/pool.ts';
import { waitingConfigs } from './embedding/pool/waiting-config.ts';
import { PrivateFiles } from './embedding/private-files.ts';
import { RunningProgram, stdioKinds } from './embedding/running-program.ts';
import { RuntimeError } from './errors/runtime-error.ts';
import type { StageName } from './lifecycle/stages.ts';
import type { ContainerState } from './operations/observe/state.ts';
import type { GivenPlugin, Plugin } from './plugins/api.ts';

export type { Interceptor, LifecycleBus, Listener } from './bus/bus.ts';
export type { LifecycleEvents } from './bus/events.ts';
export type { LifecycleQuestions, StageQuestion } from './bus/questions.ts';
export type { CgroupStats } from './cgroups/usage/stats.ts';
export type { LinuxResources, Spec } from './config/types.ts';
export { Container } from './container.ts';
export type { CheckpointOptions, CriuOptions, RestoreOptions } from './embedding/criu-options.ts';
export type {
  ContainerOptions,
  CreateOptions,
  DavitOptions,
  DeleteOptions,
  ExecOptions,
  PoolOptions,
  PoolRunOptions,
  ProgramOptions,
  RunOptions,
} from './embedding/options.ts';
export { Pool } from './embedding/pool/pool.ts';
export {
  type Interruption,
  type ProgramEnd,
  ProgramInterrupted,
  type ProgramResult,
} from './embedding/program-result.ts';
export { RunningProgram } from './embedding/running-program.ts';
export { ConfigError, type ConfigProblem } from './errors/config-error.ts';
export { hintOf } from './errors/hints/hint-of.ts';
export { RuntimeError } from './errors/runtime-error.ts';
export { StageError } from './errors/stage-error.ts';
export { SyscallError } from './errors/syscall-error.ts';
export type { StageName } from './lifecycle/stages.ts';
export { NODE_FLAGS } from './node-flags.ts';
export type { ContainerState } from './operations/observe/state.ts';

type Events = LifecycleEvents<StageName>;

/**
 * Runs containers from a Node.js program, of any version from 20 on:
 *
 *     const davit = new Davit();
 *     const { exitCode, stdout } = await davit.run({ bundle: '/bundles/job' });
 *
 *     davit.on('stage:after', ({ stage, duration }) => …);
 *     await using container = await davit.create({ id: 'job-1', bundle: '/bundles/job' });
 *     await container.start();
 *     const { stdout } = await container.exec(['ps']);
 *     const { exitCode } = await container.wait();
 *
 * davit's program makes the containers, in processes of its own. A program whose Node has
 * {@link NODE_FLAGS} makes them itself, with the same results and errors.
 */
export class Davit implements AsyncDisposable {
  readonly root: string;
  /** True if this process itself makes the containers. */
  readonly inProcess: boolean;
  /** Emits events of every stage and container (`on`), and asks before stages (`intercept`). */
  readonly bus = new LifecycleBus<StageName>(undefined, (failure) =>
    process.emitWarning(failure, 'DavitListenerWarning'),
  );
  readonly #operations: Operations;
  readonly #byProgram: ByProgram;
  readonly #pools: Pool[] = [];
  readonly #files = new PrivateFiles(process.env.TMPDIR || '/tmp');

  /**
   * Throws TypeError for an option that {@link DavitOptions} does not have, as every other call
   * does.
   */
  constructor(options: DavitOptions = {}) {
    checkOptions<DavitOptions>('new Davit', options, DAVIT_OPTIONS);
    const { root = '/run/davit', systemdCgroup = false, plugins = [], server = 'found' } = options;
    plugins.forEach(checkGivenPlugin);
    this.root = resolve(root);
    this.inProcess = options.inProcess ?? canRunInProcess();
    const common = {
      root: this.root,
      systemdCgroup,
      bus: this.bus as unknown as LifecycleBus,
      environment: () => process.env,
    };
    if (!this.inProcess) refusePlugins(plugins);
    this.#byProgram = new ByProgram({ ...common, server, files: this.#files });
    this.#operations = this.inProcess
      ? new InProcess({ ...common, plugins, byProgram: this.#byProgram })
      : this.#byProgram;
  }

  /** Creates a container, whose program waits for {@link Container.start}. */
  async create(options: CreateOptions): Promise<Container> {
    checkOptions<CreateOptions>('davit.create', options, CREATE_OPTIONS);
    return await this.#make(options, (launch) => this.#operations.create(launch));
  }

  /** Makes a container from a checkpoint: {@link Container.checkpoint}. Its program runs. */
  async restore(options: RestoreOptions): Promise<Container> {
    checkOptions<RestoreOptions>('davit.restore', options, RESTORE_OPTIONS);
    const request = criuRequest(options);
    return await this.#make(options, (launch) => this.#operations.restore(launch, request));
  }

  /**
   * A container's whole life: creates it, runs its program to the end and deletes it. `await` gives
   * how the program ended, and what it wrote.
   */
  run(options: RunOptions): RunningProgram {
    checkOptions<RunOptions>('davit.run', options, RUN_OPTIONS);
    const launch = this.#launch(options, stdioKinds(options), undefined, options.terminal);
    const started = this.#operations.run(launch);
    const status = started.status.finally(() => removeConfig(launch));
    return new RunningProgram({ ...started, status }, options);
  }

  /**
   * Containers that wait for programs, which then start within a millisecond. davit's program makes
   * them, also for a program that could make them itself.
   */
  pool(options: PoolOptions): Pool {
    checkOptions<PoolOptions>('davit.pool', options, POOL_OPTIONS);
    const { size, ...container } = options;
    const bundle = resolve(container.bundle);
    const config = launchConfig({ ...container, bundle, env: container.env ?? {} })!;
    const configOf = waitingConfigs(config, this.#files);
    const launch = () => {
      const planned = this.#launch({ bundle }, ['pipe', 'pipe', 'pipe']);
      return { ...planned, configFile: this.#files.write(configOf(planned.id)) };
    };
    const pool = new Pool({ size, launch, operations: this.#byProgram });
    this.#pools.push(pool);
    return pool;
  }

  /** A container that exists; throws `container does not exist` when it does not. */
  container(id: string): Container {
    checkText('davit.container', 'id', id);
    return Container.of(id, this.#operations, this.#operations.initEnd(id));
  }

  async list(...none: []): Promise<ContainerState[]> {
    checkNoOptions('davit.list', none);
    return await this.#operations.list();
  }

  /** Calls `listener` for every `event`: {@link LifecycleBus.on}. */
  on<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): this {
    this.bus.on(event, listener);
    return this;
  }

  once<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): this {
    this.bus.once(event, listener);
    return this;
  }

  off<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): this {
    this.bus.off(event, listener);
    return this;
  }

  /** Closes the pools, and ends this program's own server. Other containers stay. */
  async close(...none: []): Promise<void> {
    checkNoOptions('davit.close', none);
    await Promise.all(this.#pools.splice(0).map((pool) => pool.close()));
    await this.#byProgram.close();
    this.#files.remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #make(
    options: CreateOptions,
    make: (launch: Launch) => Promise<CreatedInit>,
  ): Promise<Container> {
    const { stdin = 'inherit', stdout = 'inherit', stderr = 'inherit', consoleSocket } = options;
    const launch = this.#launch(options, [stdin, stdout, stderr], consoleSocket);
    try {
      const { streams, end } = await make(launch);
      return Container.of(launch.id, this.#operations, end, streams);
    } finally {
      removeConfig(launch);
    }
  }

  #launch(
    options: ContainerOptions,
    stdio: StdioKinds,
    consoleSocket?: string,
    terminal?: TerminalSize,
  ): Launch {
    const bundle = resolve(options.bundle);
    const id = options.id ?? `davit-${process.pid}-${randomBytes(4).toString('hex')}`;
    const config = launchConfig({ ...options, bundle, terminal });
    const configFile = config === undefined ? undefined : this.#files.write(config);
    return { id, bundle, configFile, consoleSocket, stdio, terminal };
  }
}

function canRunInProcess(): boolean {
  try {
    refuseProcess();
    return true;
  } catch {
    return false;
  }
}

function refusePlugins(plugins: readonly GivenPlugin[]): void {
  if (plugins.length === 0) return;
  throw new RuntimeError(
    'new Davit: plugins: they run in the process that makes the containers, which this one does not',
    'start Node with NODE_FLAGS, or list the plugins in the configuration file of plugins',
  );
}

/**
 * Checks the form with options and a timeout. The plugin itself is checked when a container asks
 * for it.
 */
function checkGivenPlugin(given: GivenPlugin, i: number): void {
  if (isObject(given) && !('plugin' in given)) return;
  checkOptions<Exclude<GivenPlugin, Plugin>>(`new Davit: plugins[${i}]`, given, {
    plugin: 'anything',
    options: 'anything?',
    timeout: 'milliseconds?',
  });
}

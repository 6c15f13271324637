import { resolve } from 'node:path';
import { checkNoOptions, checkOptions, checkText, type OptionKinds } from './check-options.ts';
import { isObject } from './config/is-object.ts';
import { Container } from './container.ts';
import { RuntimeError } from './errors/runtime-error.ts';
import { LifecycleBus } from './lifecycle/bus.ts';
import type { StageName } from './lifecycle/stages.ts';
import { NODE_FLAGS } from './node-flags.ts';
import type { LaunchRequest } from './operations/launch/launch.ts';
import { superviseOnEventLoop } from './operations/launch/supervise-on-event-loop.ts';
import { create } from './operations/life/create.ts';
import { run } from './operations/life/run.ts';
import { list } from './operations/observe/list.ts';
import type { ContainerState } from './operations/observe/state.ts';
import { programEventLoop } from './operations/session/program-event-loop.ts';
import type { SessionOptions } from './operations/session/session.ts';
import type { GivenPlugin, Plugin } from './plugins/api.ts';
import { refuseThreads } from './refuse-threads.ts';
import { exportForProgram } from './trace/send/export-for-program.ts';

export type { CgroupStats } from './cgroups/usage/stats.ts';
export type { LinuxResources } from './config/types.ts';
export { Container, type DeleteOptions } from './container.ts';
export { ConfigError, type ConfigProblem } from './errors/config-error.ts';
export { hintOf } from './errors/hints/hint-of.ts';
export { RuntimeError } from './errors/runtime-error.ts';
export { StageError } from './errors/stage-error.ts';
export { SyscallError } from './errors/syscall-error.ts';
export type { Interceptor, LifecycleBus, Listener } from './lifecycle/bus.ts';
export type { LifecycleEvents } from './lifecycle/events.ts';
export type { LifecycleQuestions, StageQuestion } from './lifecycle/questions.ts';
export type { StageName } from './lifecycle/stages.ts';
export { NODE_FLAGS } from './node-flags.ts';
export type { ContainerState } from './operations/observe/state.ts';

export interface DavitOptions {
  /** Directory of all containers' state. Default: /run/davit. */
  root?: string;
  /**
   * Have systemd make the cgroups, over D-Bus: containers are scopes, and `linux.cgroupsPath` is
   * `slice:prefix:name`. Scopes of an ordinary user belong to the user's own manager. Default:
   * davit makes the cgroups.
   */
  systemdCgroup?: boolean;
  /** Plugins for every container, called in this order. */
  plugins?: readonly GivenPlugin[];
}

export interface CreateOptions {
  id: string;
  /** Directory that holds config.json. */
  bundle: string;
  /** AF_UNIX socket that receives the terminal's master end. */
  consoleSocket?: string;
}

const LAUNCH = {
  id: 'string',
  bundle: 'string',
  consoleSocket: 'string?',
} satisfies OptionKinds<CreateOptions>;

/**
 * Runs containers from a Node.js program, which does not start a runtime for each:
 *
 *     const davit = new Davit();
 *     davit.bus.on('stage:after', ({ stage, duration }) => …);
 *     const container = await davit.create({ id: 'job-1', bundle: '/bundles/job' });
 *     await container.start();
 *     const status = await container.wait();
 *     await container.delete();
 *
 * If the program has registered an OpenTelemetry TracerProvider, the provider gets the spans of
 * every command, as children of the active span. Otherwise, if the `OTEL_*` variables name a
 * backend, `davit export` sends the spans there, in its own process, as for the command line.
 *
 * init shares the program's memory for the few milliseconds of its setup, or is a fork of the
 * program where sharing is not safe. Both need Node without a second JavaScript thread:
 * {@link NODE_FLAGS}. If init is killed while it shares the memory, the program ends too.
 */
export class Davit {
  readonly root: string;
  /** Emits events of every stage and container (`on`), and asks before stages (`intercept`). */
  readonly bus = new LifecycleBus<StageName>(undefined, (failure) =>
    process.emitWarning(failure, 'DavitListenerWarning'),
  );
  readonly #systemdCgroup: boolean;
  readonly #plugins: readonly GivenPlugin[];

  /**
   * Throws TypeError for an option that {@link DavitOptions} does not have, as every other call
   * does.
   */
  constructor(options: DavitOptions = {}) {
    checkOptions<DavitOptions>('new Davit', options, {
      root: 'string?',
      systemdCgroup: 'boolean?',
      plugins: 'list?',
    });
    const { root = '/run/davit', systemdCgroup = false, plugins = [] } = options;
    plugins.forEach(checkGivenPlugin);
    refuseThreads();
    const missing = NODE_FLAGS.filter((flag) => !process.execArgv.includes(flag));
    if (missing.length > 0) {
      throw new RuntimeError(
        `davit cannot fork this process: Node was started without ${missing.join(' ')}`,
      );
    }
    this.root = root;
    this.#systemdCgroup = systemdCgroup;
    this.#plugins = plugins;
  }

  /** Creates a container, whose program waits for {@link Container.start}. */
  async create(options: CreateOptions): Promise<Container> {
    checkOptions<CreateOptions>('davit.create', options, LAUNCH);
    await create({ ...this.#launchRequest(options), session: this.#session() });
    return this.container(options.id);
  }

  /**
   * A container's whole life: creates it, runs its program to the end and deletes it. Resolves with
   * the exit status, 128 + n when signal n killed it. The program's stdio is this process's own.
   */
  async run(options: CreateOptions): Promise<number> {
    checkOptions<CreateOptions>('davit.run', options, LAUNCH);
    return await run({
      ...this.#launchRequest(options),
      supervise: superviseOnEventLoop,
      keep: false,
      noSubreaper: true,
      session: this.#session(),
    });
  }

  /** A container that exists; throws `container does not exist` when it does not. */
  container(id: string): Container {
    checkText('davit.container', 'id', id);
    return Container.open({
      root: this.root,
      id,
      environment: process.env,
      session: () => this.#session(),
    });
  }

  async list(...none: []): Promise<ContainerState[]> {
    checkNoOptions('davit.list', none);
    return await list({ root: this.root, environment: process.env });
  }

  #launchRequest({ id, bundle, consoleSocket }: CreateOptions): LaunchRequest {
    refuseThreads();
    return {
      root: this.root,
      id,
      environment: process.env,
      bundle: resolve(bundle),
      ...(consoleSocket ? { consoleSocket } : {}),
      noPivot: false,
      noNewKeyring: false,
      preserveFds: 0,
      cgroupManager: this.#systemdCgroup ? 'systemd' : 'cgroupfs',
      rootless: process.geteuid!() !== 0,
    };
  }

  /** Traces of a program without telemetry of its own are exported as those of commands are. */
  #session(): SessionOptions {
    const plugins = this.#plugins;
    return {
      bus: this.bus as unknown as LifecycleBus,
      eventLoop: programEventLoop,
      onStored: exportForProgram,
      ...(plugins.length > 0 && {
        plugins: async () =>
          (await import('./plugins/load/program-plugins.ts')).programPlugins(plugins),
      }),
    };
  }
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

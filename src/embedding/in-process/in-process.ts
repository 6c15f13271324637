import type { LifecycleBus } from '../../bus/bus.ts';
import type { CgroupStats } from '../../cgroups/usage/stats.ts';
import type { CheckpointOptions, CriuOptions } from '../../checkpoint/options.ts';
import type { LinuxResources } from '../../config/types.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { tryOpenInit } from '../../init/open-init.ts';
import type { LaunchRequest } from '../../operations/launch/launch.ts';
import { checkpoint } from '../../operations/life/checkpoint.ts';
import { create } from '../../operations/life/create.ts';
import { deleteContainer } from '../../operations/life/delete.ts';
import { exec } from '../../operations/life/exec.ts';
import { kill } from '../../operations/life/kill.ts';
import { pause } from '../../operations/life/pause.ts';
import { restore } from '../../operations/life/restore.ts';
import { resume } from '../../operations/life/resume.ts';
import { run } from '../../operations/life/run.ts';
import { start } from '../../operations/life/start.ts';
import { update } from '../../operations/life/update.ts';
import { stats } from '../../operations/observe/events.ts';
import { list } from '../../operations/observe/list.ts';
import { type ContainerState, state } from '../../operations/observe/state.ts';
import { programEventLoop } from '../../operations/session/program-event-loop.ts';
import type { SessionOptions, SessionRequest } from '../../operations/session/session.ts';
import type { GivenPlugin } from '../../plugins/api.ts';
import { readContainer } from '../../state/container.ts';
import { isAlive } from '../../state/init-process.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { watchEnd } from '../../syscalls/poll/watch-end.ts';
import { WNOHANG, waitpid } from '../../syscalls/task/process.ts';
import { exportForProgram } from '../../trace/send/export-for-program.ts';
import type { CreatedInit, Exec, InitEnd, Launch, Operations, Started } from '../operations.ts';
import { ProgramStdio } from './program-stdio.ts';
import { refuseProcess, refuseThreads } from './refuse-threads.ts';
import { SupervisedProgram } from './supervised-program.ts';

interface InProcessOptions {
  root: string;
  systemdCgroup: boolean;
  plugins: readonly GivenPlugin[];
  bus: LifecycleBus;
  environment: () => NodeJS.ProcessEnv;
  /**
   * Runs programs with terminals: each needs a process that copies the terminal's input and output.
   */
  byProgram: Operations;
}

/** Operations in the program's own process, of which a container's init is a clone. */
export class InProcess implements Operations {
  readonly #options: InProcessOptions;
  /** The ends of the inits that this program has created, by container: each is waited for once. */
  readonly #ends = new Map<string, InitEnd>();

  /** Throws where the process cannot be cloned. */
  constructor(options: InProcessOptions) {
    refuseProcess();
    this.#options = options;
  }

  async create(launch: Launch): Promise<CreatedInit> {
    using stdio = new ProgramStdio(launch.stdio);
    await create(this.#launchRequest(launch, stdio));
    const end = this.initEnd(launch.id);
    this.#ends.set(launch.id, end);
    return { streams: stdio.streams(), end };
  }

  async checkpoint(id: string, options: CheckpointOptions): Promise<void> {
    await checkpoint({ ...this.#request(id), ...options });
  }

  async restore(launch: Launch, options: CriuOptions): Promise<CreatedInit> {
    using stdio = new ProgramStdio(launch.stdio);
    await restore({ ...this.#launchRequest(launch, stdio), ...options, noSubreaper: true });
    const end = this.initEnd(launch.id);
    this.#ends.set(launch.id, end);
    return { streams: stdio.streams(), end };
  }

  run(launch: Launch): Started {
    if (launch.terminal) return this.#options.byProgram.run(launch);
    const stdio = new ProgramStdio(launch.stdio);
    const running = new SupervisedProgram();
    const life = async () =>
      run({
        ...this.#launchRequest(launch, stdio),
        supervise: running.supervise,
        keep: false,
        noSubreaper: true,
      });
    return running.started(stdio, life());
  }

  exec(request: Exec): Started {
    if (request.terminal) return this.#options.byProgram.exec(request);
    const { id, args, env, cwd, user, stdio: kinds } = request;
    const stdio = new ProgramStdio(kinds);
    const running = new SupervisedProgram();
    const status = exec({
      ...this.#request(id),
      session: this.#session(stdio),
      args,
      env,
      ...(cwd !== undefined && { cwd }),
      ...(user !== undefined && { user }),
      tty: false,
      detach: false,
      additionalGids: [],
      caps: [],
      cgroup: [],
      preserveFds: 0,
      ignorePaused: false,
      stdio: stdio.fds,
      supervise: running.supervise,
    });
    return running.started(stdio, status);
  }

  initEnd(id: string): InitEnd {
    const { record } = readContainer(this.#request(id));
    const known = this.#ends.get(id);
    if (known) return known;
    const pidfd = tryOpenInit(record);
    if (pidfd === undefined) return { status: Promise.resolve(undefined), hold() {} };
    const watch = watchEnd(pidfd, () => !isAlive(record));
    watch.hold(false);
    const status = watch.readable.then(() => reap(record.initPid, pidfd));
    return { status, hold: (alive) => watch.hold(alive) };
  }

  async start(id: string): Promise<void> {
    await start(this.#request(id));
  }

  async kill(id: string, signal: number): Promise<void> {
    await kill({ ...this.#request(id), signal, all: false });
  }

  async pause(id: string): Promise<void> {
    await pause(this.#request(id));
  }

  async resume(id: string): Promise<void> {
    await resume(this.#request(id));
  }

  async update(id: string, resources: LinuxResources): Promise<void> {
    await update({ ...this.#request(id), resources });
  }

  async stats(id: string): Promise<CgroupStats> {
    return await stats(this.#request(id));
  }

  async delete(id: string, force: boolean): Promise<void> {
    await deleteContainer({ ...this.#request(id), force });
    this.#ends.delete(id);
  }

  async state(id: string): Promise<ContainerState> {
    return await state(this.#request(id));
  }

  async list(): Promise<ContainerState[]> {
    const { root, environment } = this.#options;
    return await list({ root, environment: environment() });
  }

  #request(id: string) {
    const { root, environment } = this.#options;
    return { root, id, environment: environment(), session: this.#session() };
  }

  #launchRequest(launch: Launch, stdio: ProgramStdio): LaunchRequest & SessionRequest {
    refuseThreads();
    const { id, bundle, configFile, consoleSocket } = launch;
    return {
      ...this.#request(id),
      session: this.#session(stdio),
      bundle,
      ...(configFile !== undefined && { configFile }),
      ...(consoleSocket !== undefined && { consoleSocket }),
      stdio: stdio.fds,
      noPivot: false,
      noNewKeyring: false,
      preserveFds: 0,
      cgroupManager: this.#options.systemdCgroup ? 'systemd' : 'cgroupfs',
      rootless: process.geteuid!() !== 0,
    };
  }

  /** Traces of a program without telemetry of its own are exported as those of commands are. */
  #session(stdio?: ProgramStdio): SessionOptions {
    const { bus, plugins } = this.#options;
    return {
      bus: stdio ? stdio.closedOnce(bus) : bus,
      eventLoop: programEventLoop,
      onStored: exportForProgram,
      ...(plugins.length > 0 && {
        plugins: async () =>
          (await import('../../plugins/load/program-plugins.ts')).programPlugins(plugins),
      }),
    };
  }
}

function reap(pid: number, pidfd: number): number | undefined {
  closeFd(pidfd);
  try {
    return waitpid(pid, WNOHANG);
  } catch (error) {
    if (hasErrno(error, 'ECHILD')) return undefined;
    throw error;
  }
}

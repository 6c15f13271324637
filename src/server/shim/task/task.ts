import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { watchOom } from '../../../cgroups/usage/oom.ts';
import { create } from '../../../operations/life/create.ts';
import { deleteContainer } from '../../../operations/life/delete.ts';
import { restore } from '../../../operations/life/restore.ts';
import { start } from '../../../operations/life/start.ts';
import type { SessionOptions } from '../../../operations/session/session.ts';
import { type ContainerRequest, readContainer } from '../../../state/container.ts';
import { readRecord } from '../../../state/store.ts';
import { openIo } from '../io/open-io.ts';
import type { ProcessIo } from '../io/process-io.ts';
import {
  TaskCreateSchema,
  TaskDeleteSchema,
  TaskExecStartedSchema,
  TaskExitSchema,
  TaskOOMSchema,
  TaskStartSchema,
} from '../protocol/events_pb.ts';
import type { Options } from '../protocol/options_pb.ts';
import type { CreateTaskRequest } from '../protocol/task_pb.ts';
import { removeRoot, writeRoot } from '../root-file.ts';
import { mountRootfs, unmountRootfs } from '../rootfs.ts';
import { DEFAULT_ROOT, environmentOf, type ShimContext, sessionOf } from '../shim-context.ts';
import type { Call } from '../ttrpc/server.ts';
import { CODE, StatusError } from '../ttrpc/status.ts';
import { RESTORE_OPTIONS } from './criu-options.ts';
import type { ExecProcess } from './exec-process.ts';
import { inRuntime } from './runtime-failure.ts';
import { type Exit, STATUS, TaskProcess } from './task-process.ts';

/** How long init's exit waits for those of the other processes, in milliseconds. */
const OTHERS_MS = 5000;

/** A container and its processes. */
export class Task {
  readonly id: string;
  readonly bundle: string;
  readonly init: TaskProcess;
  readonly execs = new Map<string, ExecProcess>();
  readonly #root: string;
  readonly #options: Options;
  readonly #context: ShimContext;
  /** Directory of the checkpoint from which {@link start} makes the container; else empty. */
  readonly #checkpoint: string;
  /** Settles when the start under way is over. */
  #starting: Promise<unknown> = Promise.resolve();
  #endOomWatch = (): void => {};

  constructor(request: CreateTaskRequest, options: Options, context: ShimContext) {
    const { id, bundle, stdin, stdout, stderr, terminal, checkpoint } = request;
    this.id = id;
    this.bundle = bundle;
    this.init = new TaskProcess(id, { stdin, stdout, stderr, terminal });
    this.#root = join(options.root || DEFAULT_ROOT, context.namespace);
    this.#options = options;
    this.#context = context;
    this.#checkpoint = checkpoint;
  }

  /** Names the container to an operation that `call` asks for. */
  container(call: Call): ContainerRequest & { session: SessionOptions } {
    const environment = environmentOf(this.#context, call);
    return { root: this.#root, id: this.id, environment, session: sessionOf(this.#context, this) };
  }

  /** Init for an empty `execId`. Throws StatusError if there is no such process. */
  process(execId: string): TaskProcess {
    const found = execId === '' ? this.init : this.execs.get(execId);
    if (found) return found;
    throw new StatusError(CODE.notFound, `process does not exist ${execId}`);
  }

  /** Makes the container, unless a checkpoint has it. Nothing is left of one that cannot be made. */
  async create(request: CreateTaskRequest, call: Call): Promise<void> {
    const { id, bundle, init } = this;
    await inRuntime(`create ${id}`, async () => {
      writeRoot(bundle, this.#root);
      try {
        mountRootfs(request.rootfs, this.#rootfs);
        init.io = await this.#openIo(init);
        if (!this.#checkpoint) await this.#createContainer(init.io, call);
      } catch (error) {
        await init.io?.close();
        unmountRootfs(this.#rootfs);
        removeRoot(bundle);
        throw error;
      }
    });
    const { rootfs, checkpoint } = request;
    const event = { containerId: id, bundle, rootfs, io: init.places, checkpoint, pid: init.pid };
    this.#context.publisher.publish('/tasks/create', TaskCreateSchema, event);
  }

  async #createContainer(io: ProcessIo, call: Call): Promise<void> {
    await create({ ...this.#launch(io, call), noNewKeyring: this.#options.noNewKeyring });
    this.#launched(io);
  }

  async #restoreContainer(io: ProcessIo, call: Call): Promise<void> {
    const imagePath = this.#checkpoint;
    await restore({ ...this.#launch(io, call), ...RESTORE_OPTIONS, imagePath });
    this.#launched(io);
  }

  #launch({ stdio, console }: ProcessIo, call: Call) {
    const { noPivotRoot: noPivot, systemdCgroup } = this.#options;
    return {
      ...this.container(call),
      bundle: this.bundle,
      noPivot,
      noNewKeyring: true,
      preserveFds: 0,
      rootless: false,
      cgroupManager: systemdCgroup ? ('systemd' as const) : ('cgroupfs' as const),
      stdio,
      ...(console !== undefined && { console }),
    };
  }

  #launched(io: ProcessIo): void {
    this.init.pid = readRecord(this.#root, this.id).initPid;
    io.launched();
    void this.#awaitInit();
  }

  /** Starts the program of the container. */
  async start(call: Call): Promise<void> {
    const { id, init } = this;
    const starting = this.#checkpoint
      ? inRuntime(`restore ${id}`, () => this.#restoreContainer(init.io!, call))
      : inRuntime(`start ${id}`, () => start(this.container(call)));
    this.#starting = starting.catch(() => {});
    await starting;
    if (!init.exit) init.status = STATUS.running;
    this.#watchOom(call);
    const event = { containerId: id, pid: init.pid };
    this.#context.publisher.publish('/tasks/start', TaskStartSchema, event);
  }

  /** Makes a process that {@link ExecProcess} describes. */
  async startExec(exec: ExecProcess, call: Call): Promise<void> {
    await inRuntime(`exec ${this.id}`, async () => {
      try {
        exec.io = await this.#openIo(exec);
        await exec.start(this.container(call));
        exec.io.launched();
      } catch (error) {
        await exec.io?.close();
        exec.end();
        throw error;
      }
    });
    exec.status = STATUS.running;
    const event = { containerId: this.id, execId: exec.id, pid: exec.pid };
    this.#context.publisher.publish('/tasks/exec-started', TaskExecStartedSchema, event);
    void exec.watch(this.#context.children).then((exit) => this.#end(exec, exit));
  }

  /** Removes a process of Exec that does not run. */
  async deleteExec(exec: TaskProcess): Promise<void> {
    exec.checkStopped();
    await exec.io?.close();
    this.execs.delete(exec.id);
  }

  /** Removes the container, which must not run. */
  async delete(call: Call): Promise<Exit> {
    const { id, init } = this;
    if (init.status !== STATUS.created) init.checkStopped();
    await inRuntime(`delete ${id}`, () =>
      deleteContainer({ ...this.container(call), force: true }),
    );
    // Of a checkpoint that was not restored, there is no process.
    if (init.pid === 0) init.end();
    const exit = await init.ended;
    this.#endOomWatch();
    for (const exec of this.execs.values()) await exec.io?.close();
    await init.io?.close();
    unmountRootfs(this.#rootfs);
    removeRoot(this.bundle);
    this.#context.publisher.publish('/tasks/delete', TaskDeleteSchema, {
      containerId: id,
      pid: init.pid,
      exitStatus: exit.status,
      exitedAt: timestampFromDate(exit.at),
    });
    return exit;
  }

  get #rootfs(): string {
    return join(this.bundle, 'rootfs');
  }

  #openIo({ places }: TaskProcess): Promise<ProcessIo> {
    const { namespace, children } = this.#context;
    const owner = { uid: this.#options.ioUid, gid: this.#options.ioGid };
    return openIo({ id: this.id, namespace, places, owner, children });
  }

  async #awaitInit(): Promise<void> {
    const exit = await this.init.watch(this.#context.children);
    await this.#starting;
    await this.#endOthers();
    this.#end(this.init, exit);
  }

  /** A container that shares a pid namespace does not end with its init. */
  async #endOthers(): Promise<void> {
    try {
      const { environment } = this.#context;
      const { cgroup } = readContainer({ root: this.#root, id: this.id, environment });
      if (cgroup && cgroup.pids({ recursive: true }).length > 0) cgroup.killAll();
    } catch {
      // The container was deleted.
    }
    const running = [...this.execs.values()].filter(({ pid, exit }) => pid > 0 && !exit);
    if (running.length === 0) return;
    await Promise.race([Promise.all(running.map(({ ended }) => ended)), delay(OTHERS_MS)]);
  }

  #end(process: TaskProcess, exit: Exit): void {
    process.end(exit);
    void process.io?.ended();
    this.#context.publisher.publish('/tasks/exit', TaskExitSchema, {
      containerId: this.id,
      id: process.id,
      pid: process.pid,
      exitStatus: exit.status,
      exitedAt: timestampFromDate(exit.at),
    });
  }

  #watchOom(call: Call): void {
    try {
      const { cgroup } = readContainer(this.container(call));
      const { publisher } = this.#context;
      const tell = () => publisher.publish('/tasks/oom', TaskOOMSchema, { containerId: this.id });
      if (cgroup) this.#endOomWatch = watchOom(cgroup, tell).close;
    } catch {
      // Without the memory controller, nothing runs out of memory. Or the container has ended.
    }
  }
}

import { EmptySchema, timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { LinuxResources } from '../../../config/types.ts';
import { kill } from '../../../operations/life/kill.ts';
import { pause } from '../../../operations/life/pause.ts';
import { resume } from '../../../operations/life/resume.ts';
import { update } from '../../../operations/life/update.ts';
import { ps } from '../../../operations/observe/ps.ts';
import { version } from '../../../version.ts';
import { pack } from '../any.ts';
import { metricsOf } from '../metrics/metrics.ts';
import {
  TaskCheckpointedSchema,
  TaskExecAddedSchema,
  TaskPausedSchema,
  TaskResumedSchema,
} from '../protocol/events_pb.ts';
import { ProcessDetailsSchema } from '../protocol/options_pb.ts';
import * as messages from '../protocol/task_pb.ts';
import { type Method, method } from '../ttrpc/method.ts';
import type { Call, Handler } from '../ttrpc/server.ts';
import { CODE, StatusError } from '../ttrpc/status.ts';
import { checkpointTask } from './checkpoint-task.ts';
import { ExecProcess } from './exec-process.ts';
import { killAll } from './kill-all.ts';
import { inRuntime } from './runtime-failure.ts';
import type { Task } from './task.ts';
import { type Exit, STATUS, type TaskProcess } from './task-process.ts';
import type { Tasks } from './tasks.ts';

/** The same service under the names of both of its versions. */
const SERVICES = ['containerd.task.v2.Task', 'containerd.task.v3.Task'];

/** containerd's task service on `tasks`. */
export const taskService =
  (tasks: Tasks): Handler =>
  (call) => {
    const { service, method: name } = call;
    const called = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (called && SERVICES.includes(service)) return called(tasks, call);
    throw new StatusError(CODE.unimplemented, `${service}/${name} is not implemented`);
  };

const methods: Record<string, Method<Tasks>> = {
  Create: method(
    messages.CreateTaskRequestSchema,
    messages.CreateTaskResponseSchema,
    async (tasks: Tasks, request, call) => {
      const { init } = await tasks.create(request, call);
      return { pid: init.pid };
    },
  ),
  Start: method(
    messages.StartRequestSchema,
    messages.StartResponseSchema,
    async (tasks: Tasks, { id, execId }, call) => {
      const task = tasks.get(id);
      const started = task.process(execId);
      await tasks.context.children.during(() =>
        started instanceof ExecProcess ? task.startExec(started, call) : task.start(call),
      );
      return { pid: started.pid };
    },
  ),
  Delete: method(
    messages.DeleteRequestSchema,
    messages.DeleteResponseSchema,
    async (tasks: Tasks, { id, execId }, call) => {
      const task = tasks.get(id);
      const deleted = task.process(execId);
      if (deleted === task.init) await tasks.delete(task, call);
      else await task.deleteExec(deleted);
      return { pid: deleted.pid, ...exitOf(deleted) };
    },
  ),
  State: method(
    messages.StateRequestSchema,
    messages.StateResponseSchema,
    (tasks: Tasks, { id, execId }) => {
      const task = tasks.get(id);
      const process = task.process(execId);
      const { status, pid, places } = process;
      const { bundle } = task;
      return { id: process.id, bundle, pid, status, ...places, ...exitOf(process), execId };
    },
  ),
  Wait: method(
    messages.WaitRequestSchema,
    messages.WaitResponseSchema,
    async (tasks: Tasks, { id, execId }) => exitFields(await tasks.get(id).process(execId).ended),
  ),
  Kill: method(
    messages.KillRequestSchema,
    EmptySchema,
    async (tasks: Tasks, { id, execId, signal, all }, call) => {
      const task = tasks.get(id);
      const killed = task.process(execId);
      // Throws if it has ended.
      killed.kill(0);
      if (killed !== task.init) killed.kill(signal);
      else await killContainer(task, signal, all, call);
      return undefined;
    },
  ),
  Exec: method(
    messages.ExecProcessRequestSchema,
    EmptySchema,
    (tasks: Tasks, { id, execId, spec, stdin, stdout, stderr, terminal }) => {
      const task = tasks.get(id);
      if (task.execs.has(execId)) {
        throw new StatusError(CODE.alreadyExists, `id ${execId}`);
      }
      const places = { stdin, stdout, stderr, terminal };
      task.execs.set(execId, new ExecProcess(execId, places, spec?.value ?? new Uint8Array()));
      const event = { containerId: id, execId };
      tasks.context.publisher.publish('/tasks/exec-added', TaskExecAddedSchema, event);
      return undefined;
    },
  ),
  ResizePty: method(
    messages.ResizePtyRequestSchema,
    EmptySchema,
    (tasks: Tasks, { id, execId, width, height }) => {
      tasks.get(id).process(execId).io?.resize({ columns: width, rows: height });
      return undefined;
    },
  ),
  CloseIO: method(
    messages.CloseIORequestSchema,
    EmptySchema,
    (tasks: Tasks, { id, execId, stdin }) => {
      if (stdin) tasks.get(id).process(execId).io?.closeStdin();
      return undefined;
    },
  ),
  Pids: method(
    messages.PidsRequestSchema,
    messages.PidsResponseSchema,
    async (tasks: Tasks, { id }, call) => {
      const task = tasks.get(id);
      const pids = await inRuntime(`ps ${id}`, () => ps(task.container(call)));
      return { processes: pids.map((pid) => ({ pid, ...detailsOf(task, pid) })) };
    },
  ),
  Pause: method(messages.PauseRequestSchema, EmptySchema, async (tasks: Tasks, { id }, call) => {
    const task = tasks.get(id);
    await inRuntime(`pause ${id}`, () => pause(task.container(call)));
    task.init.status = STATUS.paused;
    tasks.context.publisher.publish('/tasks/paused', TaskPausedSchema, { containerId: id });
    return undefined;
  }),
  Resume: method(messages.ResumeRequestSchema, EmptySchema, async (tasks: Tasks, { id }, call) => {
    const task = tasks.get(id);
    await inRuntime(`resume ${id}`, () => resume(task.container(call)));
    task.init.status = STATUS.running;
    tasks.context.publisher.publish('/tasks/resumed', TaskResumedSchema, { containerId: id });
    return undefined;
  }),
  Update: method(
    messages.UpdateTaskRequestSchema,
    EmptySchema,
    async (tasks: Tasks, { id, resources }, call) => {
      const task = tasks.get(id);
      const changes = resourcesIn(resources?.value ?? new Uint8Array());
      await inRuntime(`update ${id}`, () =>
        update({ ...task.container(call), resources: changes }),
      );
      return undefined;
    },
  ),
  Checkpoint: method(
    messages.CheckpointTaskRequestSchema,
    EmptySchema,
    async (tasks: Tasks, request, call) => {
      const { id, path } = request;
      const task = tasks.get(id);
      await tasks.context.children.during(() => checkpointTask(task, request, call));
      const event = { containerId: id, checkpoint: path };
      tasks.context.publisher.publish('/tasks/checkpointed', TaskCheckpointedSchema, event);
      return undefined;
    },
  ),
  Stats: method(
    messages.StatsRequestSchema,
    messages.StatsResponseSchema,
    async (tasks: Tasks, { id }, call) => {
      const task = tasks.get(id);
      return { stats: await inRuntime(`stats ${id}`, () => metricsOf(task.container(call))) };
    },
  ),
  Connect: method(
    messages.ConnectRequestSchema,
    messages.ConnectResponseSchema,
    (tasks: Tasks, { id }) => ({
      shimPid: process.pid,
      taskPid: tasks.find(id)?.init.pid ?? 0,
      version,
    }),
  ),
  // containerd then closes its connection: the shim ends when nobody has one.
  Shutdown: method(messages.ShutdownRequestSchema, EmptySchema, () => undefined),
};

async function killContainer(task: Task, signal: number, all: boolean, call: Call): Promise<void> {
  const container = task.container(call);
  await inRuntime(`kill ${task.id}`, () =>
    all ? killAll(container, signal) : kill({ ...container, signal, all: false }),
  );
}

const exitFields = ({ status, at }: Exit) => ({
  exitStatus: status,
  exitedAt: timestampFromDate(at),
});

const exitOf = ({ exit }: TaskProcess) => (exit ? exitFields(exit) : {});

function detailsOf(task: Task, pid: number) {
  const exec = [...task.execs.values()].find((process) => process.pid === pid);
  if (!exec) return {};
  const details = { $typeName: ProcessDetailsSchema.typeName, execId: exec.id };
  return { info: pack(ProcessDetailsSchema, details) };
}

function resourcesIn(value: Uint8Array): LinuxResources {
  try {
    return JSON.parse(Buffer.from(value).toString());
  } catch (error) {
    throw new StatusError(CODE.invalidArgument, `resources: ${(error as Error).message}`);
  }
}

import { readOptions } from '../options.ts';
import type { CreateTaskRequest } from '../protocol/task_pb.ts';
import type { ShimContext } from '../shim-context.ts';
import type { Call } from '../ttrpc/server.ts';
import { CODE, StatusError } from '../ttrpc/status.ts';
import { Task } from './task.ts';
import type { Exit } from './task-process.ts';

/** The tasks of a shim, by their containers' ids. */
export class Tasks {
  readonly context: ShimContext;
  readonly #tasks = new Map<string, Task>();

  constructor(context: ShimContext) {
    this.context = context;
  }

  get count(): number {
    return this.#tasks.size;
  }

  find(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  /** Throws StatusError if there is none. */
  get(id: string): Task {
    const task = this.#tasks.get(id);
    if (task) return task;
    throw new StatusError(CODE.notFound, 'container not created');
  }

  async create(request: CreateTaskRequest, call: Call): Promise<Task> {
    const { id } = request;
    if (this.#tasks.has(id)) throw new StatusError(CODE.alreadyExists, `task ${id} exists`);
    const task = new Task(request, readOptions(request.options), this.context);
    this.#tasks.set(id, task);
    try {
      await this.context.children.during(() => task.create(request, call));
      return task;
    } catch (error) {
      this.#tasks.delete(id);
      throw error;
    }
  }

  async delete(task: Task, call: Call): Promise<Exit> {
    const exit = await this.context.children.during(() => task.delete(call));
    this.#tasks.delete(task.id);
    return exit;
  }
}

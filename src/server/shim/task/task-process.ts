import { hasErrno } from '../../../errors/syscall-error.ts';
import { kill } from '../../../syscalls/signal/signals.ts';
import type { WindowSize } from '../../../syscalls/tty/tty.ts';
import type { ProcessIo, StdioPlaces } from '../io/process-io.ts';
import { CODE, StatusError } from '../ttrpc/status.ts';
import type { Children } from './children.ts';

/** The values of the field `status` of StateResponse. */
export const STATUS = { created: 1, running: 2, stopped: 3, paused: 4, pausing: 5 } as const;

/** How a process ended. */
export interface Exit {
  /** 128 + n when signal n killed it. */
  status: number;
  at: Date;
}

/** The exit status of a process whose real status cannot be known. */
const UNKNOWN_STATUS = 255;

/** A process of a task: init, or one that Exec has added. */
export class TaskProcess {
  /** The container's id for init, the exec id for others. */
  readonly id: string;
  readonly places: StdioPlaces;
  status: (typeof STATUS)[keyof typeof STATUS] = STATUS.created;
  /** 0 until there is a process. */
  pid = 0;
  exit: Exit | undefined;
  io: ProcessIo | undefined;
  readonly #ended = Promise.withResolvers<Exit>();
  /** Once it is reaped, its pid may be another process's. */
  #reaped = false;

  constructor(id: string, places: StdioPlaces) {
    this.id = id;
    this.places = places;
  }

  /** Resolves once the process has ended. */
  get ended(): Promise<Exit> {
    return this.#ended.promise;
  }

  /** Watches the process, a child of this one. Resolves once it has ended, before others know. */
  async watch(children: Children): Promise<Exit> {
    const status = await children.await(this.pid);
    this.#reaped = true;
    return { status, at: new Date() };
  }

  /** Makes known that it has ended. */
  end(exit: Exit = { status: UNKNOWN_STATUS, at: new Date() }): void {
    this.status = STATUS.stopped;
    this.exit = exit;
    this.#ended.resolve(exit);
  }

  /** Throws StatusError if there is no such process any more. */
  kill(signal: number): void {
    if (this.pid === 0) throw new StatusError(CODE.failedPrecondition, 'process not created');
    if (this.#reaped) throw finished();
    try {
      kill(this.pid, signal);
    } catch (error) {
      throw hasErrno(error, 'ESRCH') ? finished() : error;
    }
  }

  resize(size: WindowSize): void {
    this.io?.resize(size);
  }

  /** Throws StatusError while it runs. */
  checkStopped(): void {
    if (this.pid === 0 || this.exit) return;
    throw new StatusError(CODE.failedPrecondition, 'cannot delete a running process');
  }
}

/** The words of runc's shim, which its callers match. */
const finished = () => new StatusError(CODE.notFound, 'process already finished');

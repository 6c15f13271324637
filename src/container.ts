import type { CgroupStats } from './cgroups/usage/stats.ts';
import { checkNoOptions, checkOptions, checkSignal } from './check-options.ts';
import type { LinuxResources } from './config/types.ts';
import { hasErrno } from './errors/syscall-error.ts';
import { tryOpenInit } from './init/open-init.ts';
import { deleteContainer } from './operations/life/delete.ts';
import { kill } from './operations/life/kill.ts';
import { pause } from './operations/life/pause.ts';
import { resume } from './operations/life/resume.ts';
import { start } from './operations/life/start.ts';
import { update } from './operations/life/update.ts';
import { stats } from './operations/observe/events.ts';
import { type ContainerState, state } from './operations/observe/state.ts';
import type { SessionOptions } from './operations/session/session.ts';
import { type ContainerRequest, readContainer } from './state/container.ts';
import { isAlive } from './state/init-process.ts';
import { closeFd } from './syscalls/files/close-fd.ts';
import type { ReadableWatch } from './syscalls/poll/readable.ts';
import { watchEnd } from './syscalls/poll/watch-end.ts';
import { WNOHANG, waitpid } from './syscalls/task/process.ts';

/**
 * Identifies a container, and gives the session for each operation on it.
 * @internal
 */
export interface ContainerPlace extends ContainerRequest {
  session: () => SessionOptions;
}

export interface DeleteOptions {
  /** Kills the container first. Default: it must have stopped. */
  force?: boolean;
}

/** A container that this program, or another, created. Methods reject with what went wrong. */
export class Container {
  readonly id: string;
  readonly #place: ContainerPlace;
  readonly #end: Promise<number | undefined>;
  readonly #watch: ReadableWatch | undefined;

  /**
   * Throws `container does not exist` when there is none.
   * @internal
   */
  static open(place: ContainerPlace): Container {
    return new Container(place);
  }

  private constructor(place: ContainerPlace) {
    this.id = place.id;
    this.#place = place;
    const { record } = readContainer(place);
    const pidfd = tryOpenInit(record);
    if (pidfd === undefined) {
      this.#end = Promise.resolve(undefined);
      return;
    }
    this.#watch = watchEnd(pidfd, () => !isAlive(record));
    this.#watch.hold(false);
    this.#end = this.#watch.readable.then(() => reap(record.initPid, pidfd));
  }

  /** Starts the container's program. Rejects with the reason when it cannot be executed. */
  async start(...none: []): Promise<void> {
    checkNoOptions('container.start', none);
    await start(this.#request());
  }

  /**
   * The exit status of the container's program (128 + n when signal n killed it), once it has ended;
   * `undefined` when init is not this program's child.
   */
  async wait(...none: []): Promise<number | undefined> {
    checkNoOptions('container.wait', none);
    this.#watch?.hold(true);
    return this.#end;
  }

  /** Sends a signal, by its number, to the container's init. */
  async kill(signal: number): Promise<void> {
    checkSignal('container.kill', signal);
    await kill({ ...this.#request(), signal, all: false });
  }

  /** Freezes every process of the container. */
  async pause(...none: []): Promise<void> {
    checkNoOptions('container.pause', none);
    await pause(this.#request());
  }

  async resume(...none: []): Promise<void> {
    checkNoOptions('container.resume', none);
    await resume(this.#request());
  }

  /** Changes limits. Limits that `resources` leaves out stay. Device rules are never changed. */
  async update(resources: LinuxResources): Promise<void> {
    await update({ ...this.#request(), resources });
  }

  /** The container's use of resources, now. */
  async stats(...none: []): Promise<CgroupStats> {
    checkNoOptions('container.stats', none);
    return await stats(this.#request());
  }

  /** Removes the container. */
  async delete(options: DeleteOptions = {}): Promise<void> {
    checkOptions<DeleteOptions>('container.delete', options, { force: 'boolean?' });
    await deleteContainer({ ...this.#request(), force: options.force ?? false });
  }

  async state(...none: []): Promise<ContainerState> {
    checkNoOptions('container.state', none);
    return await state(this.#request());
  }

  #request() {
    return { ...this.#place, session: this.#place.session() };
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

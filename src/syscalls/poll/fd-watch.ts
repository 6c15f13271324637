import { closeSync } from 'node:fs';
import { hasErrno } from '../../errors/syscall-error.ts';
import { koffi } from '../ffi/koffi.ts';
import { Epoll } from './epoll.ts';
import { POLLERR, POLLHUP, type PollFd } from './poll.ts';

/** A wait for an fd on Node's event loop. */
export interface FdWatch {
  /** Whether the wait keeps the program alive. */
  hold(alive: boolean): void;
  /** Ends the wait. To be called before the fd is closed. */
  end(): void;
}

interface Wait {
  readonly fd: number;
  readonly events: number;
  readonly onReady: () => void;
  held: boolean;
}

type Handle = ReturnType<ReturnType<typeof koffi>['node']['poll']>;

/**
 * All waits of this process. libuv polls one epoll instance for them: to have libuv poll each fd
 * takes ten system calls a wait, and sets O_NONBLOCK on an fd that other processes may share.
 */
class Waits {
  readonly #epoll = new Epoll();
  readonly #handle: Handle;
  readonly #byFd = new Map<number, Wait[]>();
  #held = 0;

  constructor() {
    this.#handle = koffi().node.poll(this.#epoll.fd, { readable: true }, () => this.#dispatch());
    this.#handle.unref();
    process.on('exit', this.#closeHandle);
  }

  get isEmpty(): boolean {
    return this.#byFd.size === 0;
  }

  add(wait: Wait): void {
    const { fd, events } = wait;
    const others = this.#byFd.get(fd) ?? [];
    if (others.length === 0) this.#epoll.add(fd, events);
    else this.#change(fd, [...others, wait]);
    this.#byFd.set(fd, [...others, wait]);
    if (wait.held) this.#count(1);
  }

  remove(wait: Wait): void {
    const { fd } = wait;
    const others = this.#byFd.get(fd)!.filter((other) => other !== wait);
    if (others.length > 0) {
      this.#byFd.set(fd, others);
      this.#change(fd, others);
    } else {
      this.#byFd.delete(fd);
      this.#remove(fd);
    }
    if (wait.held) this.#count(-1);
  }

  has(wait: Wait): boolean {
    return this.#byFd.get(wait.fd)?.includes(wait) ?? false;
  }

  hold(wait: Wait, alive: boolean): void {
    if (wait.held === alive) return;
    wait.held = alive;
    this.#count(alive ? 1 : -1);
  }

  close(): void {
    process.off('exit', this.#closeHandle);
    this.#closeHandle();
    closeSync(this.#epoll.fd);
  }

  /** Node aborts when an fd becomes readable while Node shuts its event loop down. */
  readonly #closeHandle = (): void => this.#handle.close();

  /** The kernel has forgotten an fd that was closed meanwhile: its number may be another file's. */
  #change(fd: number, waits: readonly Wait[]): void {
    const events = waits.reduce((all, wait) => all | wait.events, 0);
    try {
      this.#epoll.change(fd, events);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
      this.#epoll.add(fd, events);
    }
  }

  #remove(fd: number): void {
    try {
      this.#epoll.remove(fd);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'EBADF')) throw error;
    }
  }

  #count(change: 1 | -1): void {
    this.#held += change;
    if (this.#held === 1 && change === 1) this.#handle.ref();
    if (this.#held === 0) this.#handle.unref();
  }

  /** koffi's callback runs no microtasks after it: code that awaits would wait for the next event. */
  #dispatch(): void {
    for (const { fd, events } of this.#epoll.ready()) {
      for (const wait of this.#byFd.get(fd) ?? []) {
        if ((events & (wait.events | POLLERR | POLLHUP)) !== 0)
          setImmediate(() => this.#tell(wait));
      }
    }
  }

  /** Another wait that was told in this turn may have ended this one. */
  #tell(wait: Wait): void {
    if (this.has(wait)) wait.onReady();
  }
}

let waits: Waits | undefined;

/**
 * Calls `onReady` on the event loop each time poll(2) would report the fd as ready, until the wait
 * ends. Throws EPERM for a regular file. Never used in init.
 */
export function watchFd(
  { fd, events }: Pick<PollFd, 'fd' | 'events'>,
  onReady: () => void,
): FdWatch {
  const wait: Wait = { fd, events, onReady, held: true };
  waits ??= new Waits();
  const all = waits;
  try {
    all.add(wait);
  } catch (error) {
    closeIfUnused();
    throw error;
  }
  return {
    hold(alive) {
      if (all.has(wait)) all.hold(wait, alive);
    },
    end() {
      if (!all.has(wait)) return;
      all.remove(wait);
      closeIfUnused();
    },
  };
}

function closeIfUnused(): void {
  if (!waits?.isEmpty) return;
  waits.close();
  waits = undefined;
}

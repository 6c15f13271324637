import { declare } from '../ffi/libc.ts';

// sys/epoll.h
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;

const create = declare<[flags: number]>('int epoll_create1(int flags)');
const control = declare<[epfd: number, op: number, fd: number, event: Uint8Array]>(
  'int epoll_ctl(int epfd, int op, int fd, void *event)',
);
const wait = declare<[epfd: number, events: Uint8Array, max: number, timeout: number]>(
  'int epoll_wait(int epfd, void *events, int maxevents, int timeout)',
);

/** struct epoll_event (linux/eventpoll.h): the events, then 64 bits of data. It is packed on x86-64. */
const [DATA, EVENT_SIZE] = process.arch === 'x64' ? [4, 12] : [8, 16];
/** Those that do not fit come with the next call. */
const MAX_READY = 32;

/**
 * An epoll(7) instance, close-on-exec. Events have the same numbers as in poll(2). An fd must be
 * removed before it is closed: another process may have the same open file. EPERM for a regular file.
 */
export class Epoll {
  readonly fd = create(EPOLL_CLOEXEC);
  readonly #event = Buffer.alloc(EVENT_SIZE);
  readonly #ready = Buffer.alloc(EVENT_SIZE * MAX_READY);

  add(fd: number, events: number): void {
    this.#control(EPOLL_CTL_ADD, fd, events);
  }

  change(fd: number, events: number): void {
    this.#control(EPOLL_CTL_MOD, fd, events);
  }

  remove(fd: number): void {
    this.#control(EPOLL_CTL_DEL, fd, 0);
  }

  /** The fds that are ready now, and for what. */
  ready(): { fd: number; events: number }[] {
    const count = wait(this.fd, this.#ready, MAX_READY, 0);
    return Array.from({ length: count }, (_, i) => ({
      fd: this.#ready.readInt32LE(i * EVENT_SIZE + DATA),
      events: this.#ready.readUInt32LE(i * EVENT_SIZE),
    }));
  }

  #control(operation: number, fd: number, events: number): void {
    this.#event.writeUInt32LE(events, 0);
    this.#event.writeInt32LE(fd, DATA);
    control(this.fd, operation, fd, this.#event);
  }
}

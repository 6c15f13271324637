import { declare } from '../ffi/libc.ts';
import type { PollFd } from './poll.ts';

// sys/epoll.h
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;

const create = declare<[flags: number]>('int epoll_create1(int flags)');
const control = declare<[epfd: number, op: number, fd: number, event: Uint8Array]>(
  'int epoll_ctl(int epfd, int op, int fd, void *event)',
);

/**
 * epoll_create1(2): an fd that is readable once poll(2) would report one of `fds` as ready.
 * Close-on-exec. epoll refuses regular files with EPERM.
 */
export function epollOf(fds: readonly PollFd[]): number {
  const epoll = create(EPOLL_CLOEXEC);
  // struct epoll_event; its data field stays unused.
  const event = Buffer.alloc(16);
  for (const { fd, events } of fds) {
    if (fd < 0) continue;
    // EPOLLIN and the other events have the same numbers as in poll(2).
    event.writeUInt32LE(events, 0);
    control(epoll, EPOLL_CTL_ADD, fd, event);
  }
  return epoll;
}

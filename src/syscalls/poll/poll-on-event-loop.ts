import { closeSync } from 'node:fs';
import { epollOf } from './epoll.ts';
import { type PollFd, poll } from './poll.ts';
import { watchReadable } from './readable.ts';

/** poll(2) without blocking Node's event loop. `timeout` in milliseconds, negative for none. */
export async function pollOnEventLoop(fds: readonly PollFd[], timeout: number): Promise<void> {
  if (poll(fds, 0) > 0 || timeout === 0) return;
  // libuv sets O_NONBLOCK on what it polls: not on `fds`, some of which other processes share.
  const epoll = epollOf(fds);
  try {
    await readableWithin(epoll, timeout);
  } finally {
    closeSync(epoll);
  }
  poll(fds, 0);
}

async function readableWithin(fd: number, timeout: number): Promise<void> {
  const watch = watchReadable(fd);
  const expiry = Promise.withResolvers<void>();
  const timer = timeout < 0 ? undefined : setTimeout(expiry.resolve, timeout);
  try {
    await Promise.race([watch.readable, expiry.promise]);
  } finally {
    clearTimeout(timer);
    watch.end();
  }
}

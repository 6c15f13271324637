import { type FdWatch, watchFd } from './fd-watch.ts';
import { type PollFd, poll } from './poll.ts';

/** poll(2) without blocking Node's event loop. `timeout` in milliseconds, negative for none. */
export async function pollOnEventLoop(fds: readonly PollFd[], timeout: number): Promise<void> {
  if (poll(fds, 0) > 0 || timeout === 0) return;
  await readyWithin(
    fds.filter(({ fd }) => fd >= 0),
    timeout,
  );
  poll(fds, 0);
}

/** Settles when one of the fds is ready, or after `timeout` milliseconds. */
export async function readyWithin(
  fds: readonly Pick<PollFd, 'fd' | 'events'>[],
  timeout: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watches: FdWatch[] = [];
  const timer = timeout < 0 ? undefined : setTimeout(resolve, timeout);
  try {
    for (const wanted of fds) watches.push(watchFd(wanted, resolve));
    await promise;
  } finally {
    for (const watch of watches) watch.end();
    clearTimeout(timer);
  }
}

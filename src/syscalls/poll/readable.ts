import { watchFd } from './fd-watch.ts';
import { POLLIN } from './poll.ts';

/** A wait for an fd on Node's event loop. */
export interface ReadableWatch {
  /** Settles when the fd is readable: for a pidfd, when the process has ended. */
  readonly readable: Promise<void>;
  /** Whether the wait keeps the program alive. */
  hold(alive: boolean): void;
  /** Gives up waiting. */
  end(): void;
}

/** Waits for `fd` on the event loop. Never used in init. */
export function watchReadable(fd: number): ReadableWatch {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watch = watchFd({ fd, events: POLLIN }, () => {
    watch.end();
    resolve();
  });
  return { readable: promise, hold: watch.hold, end: watch.end };
}

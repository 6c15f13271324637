import { type ReadableWatch, watchReadable } from './readable.ts';

/** How often to look, in milliseconds, whether a process without a pidfd has ended. */
export const LOOK_MS = 5;

/**
 * Watches for the end of a process on Node's event loop: by its pidfd, or where that is -1 by a look from time
 * to time.
 */
export const watchEnd = (pidfd: number, hasEnded: () => boolean): ReadableWatch =>
  pidfd < 0 ? lookFor(hasEnded) : watchReadable(pidfd);

function lookFor(hasEnded: () => boolean): ReadableWatch {
  const { promise: readable, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    if (!hasEnded()) return;
    clearInterval(timer);
    resolve();
  }, LOOK_MS);
  return {
    readable,
    hold: (alive) => void (alive ? timer.ref() : timer.unref()),
    end: () => clearInterval(timer),
  };
}

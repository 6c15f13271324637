import { type ReadableWatch, watchReadable } from './readable.ts';

/** Milliseconds between two checks whether a process without a pidfd has ended. */
export const POLL_MS = 5;

/**
 * Waits on Node's event loop for the end of a process: by its pidfd, or, if that is -1, by calling
 * `hasEnded` every {@link POLL_MS}.
 */
export const watchEnd = (pidfd: number, hasEnded: () => boolean): ReadableWatch =>
  pidfd < 0 ? lookFor(hasEnded) : watchReadable(pidfd);

function lookFor(hasEnded: () => boolean): ReadableWatch {
  const { promise: readable, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    if (!hasEnded()) return;
    clearInterval(timer);
    resolve();
  }, POLL_MS);
  return {
    readable,
    hold: (alive) => void (alive ? timer.ref() : timer.unref()),
    end: () => clearInterval(timer),
  };
}

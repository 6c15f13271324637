import type { Session } from '../session/session.ts';

/** Milliseconds after which a launch no longer keeps the next one waiting. */
const LONG = 1000;

/** Settles when the launch that asked last is over. */
let last: Promise<void> | undefined;

/**
 * Waits until this program's earlier launches are over; what is returned is called when this one is.
 * An init shares the program's memory, which at most one can do at a time: beside it the next would
 * have to be a copy, and that costs many times as much. A launch that takes long, as with a plugin
 * that waits for another container, is not waited for.
 */
export async function takeTurn({ spans, eventLoop }: Session): Promise<() => void> {
  if (!eventLoop) return () => {};
  const before = last;
  const { promise, resolve } = Promise.withResolvers<void>();
  last = promise;
  if (before) {
    const start = process.hrtime.bigint();
    await before;
    spans.record('awaitTurn', { start, end: process.hrtime.bigint() });
  }
  const timer = setTimeout(end, LONG);
  function end(): void {
    clearTimeout(timer);
    if (last === promise) last = undefined;
    resolve();
  }
  return end;
}

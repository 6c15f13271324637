import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import type { Session } from '../session/session.ts';
import type { LaunchRequest } from './launch.ts';

/** Milliseconds after which a launch no longer keeps the next one waiting. */
const LONG = 1000;

/** Settles when the most recent launch is over. */
let last: Promise<void> | undefined;

/**
 * Waits until this program's earlier launches are over. Call the returned function when this one is
 * over. Only one init at a time can share the program's memory: a second one would have to be a
 * fork, which costs many times as much. A launch that takes long, for instance because a plugin
 * waits for another container, is not waited for. Nor is a launch of a server that asks systemd for
 * a cgroup: its init is the front's child, and systemd may be slow.
 */
export async function takeTurn(
  { spans, eventLoop, initParent }: Session,
  { cgroupManager }: Pick<LaunchRequest, 'cgroupManager'>,
): Promise<() => void> {
  if (!eventLoop || (initParent && cgroupManager === 'systemd')) return () => {};
  const before = last;
  const { promise, resolve } = Promise.withResolvers<void>();
  last = promise;
  if (before) {
    const start = monotonicNs();
    await before;
    spans.record('awaitTurn', { start, end: monotonicNs() });
  }
  const timer = setTimeout(end, LONG);
  function end(): void {
    clearTimeout(timer);
    if (last === promise) last = undefined;
    resolve();
  }
  return end;
}

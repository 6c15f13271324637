import { setImmediate, setTimeout } from 'node:timers/promises';
import { monotonicMs } from '../../syscalls/time/monotonic.ts';
import type { LoadedPlugin } from '../load/loaded-plugin.ts';

/** Milliseconds to wait for timers that plugins have left when the command ends. */
const TIMERS_TIME = 1000;

/**
 * Waits for work that plugins have started and left: rejections of promises, and timers that are
 * due soon. Warns of timers that are due later, as the process ends before. Does not wait for
 * timers with `unref()`.
 */
export async function awaitPendingWork(
  plugins: readonly LoadedPlugin[],
  warn: (message: string) => void,
): Promise<void> {
  await setImmediate();
  const deadline = monotonicMs() + TIMERS_TIME;
  for (; areTimersLeft(); await setTimeout(5)) {
    if (monotonicMs() < deadline) continue;
    const names = plugins.map(({ plugin }) => plugin.name).join(' or ');
    warn(`plugin ${names}: a timer is left ${TIMERS_TIME} ms after the command, and never runs`);
    return;
  }
}

const areTimersLeft = (): boolean =>
  process.getActiveResourcesInfo().some((name) => name === 'Timeout' || name === 'Immediate');

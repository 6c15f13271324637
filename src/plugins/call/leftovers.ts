import { setImmediate, setTimeout } from 'node:timers/promises';
import { monotonicMs } from '../../syscalls/time/monotonic.ts';
import type { LoadedPlugin } from '../load/loaded-plugin.ts';

/** Milliseconds for timers that plugins have left when the command is over. */
const TIMERS_TIME = 1000;

/**
 * Lets what plugins have begun and left alone be done, or fail: a promise's rejection, timers that come
 * soon. Of one that comes later the plugins are told: the process ends before. One with `unref()` is not
 * waited for.
 */
export async function finishLeftovers(
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

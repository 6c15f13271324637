import { setTimeout } from 'node:timers/promises';
import { patience } from './patience.ts';

/** Waits until `condition` is true, for at most `limit` milliseconds. */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  limit = 10_000,
): Promise<void> {
  const deadline = Date.now() + patience(limit);
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${limit} ms: ${condition}`);
    await setTimeout(5);
  }
}

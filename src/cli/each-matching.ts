import { existsSync } from 'node:fs';
import { listIds } from '../state/store.ts';
import type { Settings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/**
 * crun's `--regex`: runs `action` for every container whose id matches somewhere. A failure is a
 * warning, and the other containers follow.
 */
export async function eachMatching(
  expression: string,
  { root, log }: Settings,
  action: (id: string) => Promise<void>,
): Promise<void> {
  const pattern = compile(expression);
  for (const id of existsSync(root) ? listIds(root) : []) {
    if (!pattern.test(id)) continue;
    try {
      await action(id);
    } catch (error) {
      log.warning(`${id}: ${(error as Error).message}`);
    }
  }
}

function compile(expression: string): RegExp {
  try {
    return new RegExp(expression);
  } catch (error) {
    throw new UsageError(`--regex: ${(error as Error).message}`);
  }
}

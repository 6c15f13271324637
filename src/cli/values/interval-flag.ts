import { UsageError } from '../usage-error.ts';
import { parseDuration } from './duration.ts';

/** Milliseconds of --interval. */
export function intervalFlag(value: string): number {
  const duration = parseDuration(value);
  if (duration !== undefined && duration > 0) return duration;
  throw new UsageError(
    `invalid --interval ${JSON.stringify(value)}: a time such as 2s is expected`,
  );
}

import { UsageError } from '../usage-error.ts';
import { parseDuration } from './duration.ts';

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:\d\d)?)?$/;

/**
 * Milliseconds since the epoch for `10m` (that long before `now`), `2026-11-25` or `2026-11-25
 * 12:00` (local time, unless a time zone follows). Undefined for anything else.
 */
export function parseTime(text: string, now: number): number | undefined {
  const ago = parseDuration(text);
  if (ago !== undefined) return ago < 0 ? undefined : now - ago;
  if (!DATE.test(text)) return undefined;
  // Date.parse would read a date alone as UTC.
  const time = Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : time;
}

/** Parses a flag that may be absent. Throws for a text that is neither a duration nor a time. */
export function timeFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(text, Date.now());
  if (time !== undefined) return time;
  throw new UsageError(
    `--${flag}: ${JSON.stringify(text)} is neither a duration (10m, 1h30m) nor a time (2026-11-25 12:00)`,
  );
}

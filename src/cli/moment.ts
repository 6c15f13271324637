import { parseDuration } from './duration.ts';

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:\d\d)?)?$/;

/**
 * Milliseconds since the epoch of `10m` (so long before `now`), `2026-11-25` or `2026-11-25 12:00`
 * (local time, unless it ends in a zone); undefined for anything else.
 */
export function parseMoment(text: string, now: number): number | undefined {
  const ago = parseDuration(text);
  if (ago !== undefined) return ago < 0 ? undefined : now - ago;
  if (!DATE.test(text)) return undefined;
  // A date alone would be UTC's midnight.
  const time = Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : time;
}

import { readFileSync } from 'node:fs';

/** How many lines of a log an error shows. */
const LINES = 8;

/**
 * The last errors in criu's log, or its last lines when it has no error, for a person to read.
 * Undefined when there is no log.
 */
export function endOfLog(file: string): string | undefined {
  const lines = read(file)?.split('\n').filter(Boolean) ?? [];
  const errors = lines.filter((line) => /^\([\d.]+\)\s+(?:\d+:\s+)?Error/.test(line));
  const shown = (errors.length > 0 ? errors : lines).slice(-LINES);
  if (shown.length === 0) return undefined;
  return [`the end of criu's log, ${file}:`, ...shown].join('\n');
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

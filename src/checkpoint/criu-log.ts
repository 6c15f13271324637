import { readFileSync } from 'node:fs';
import { RuntimeError } from '../errors/runtime-error.ts';

/** How many lines of a log a failure shows. */
const LINES = 8;

/**
 * The error for a failed request to criu: `error` with the reason in criu's log and the log's path.
 * Shows the end of the log by `warn`.
 */
export function explainByLog(error: unknown, file: string, warn: (line: string) => void): Error {
  const lines = read(file);
  const errors = lines.flatMap((line) => ERROR.exec(line)?.[1] ?? []);
  for (const line of (errors.length > 0 ? lines.filter(isError) : lines).slice(-LINES)) {
    warn(`criu: ${line}`);
  }
  const reason = errors.find((text) => !GENERAL.test(text));
  const message = [(error as Error).message, reason].filter(Boolean).join(': ');
  return new RuntimeError(message, lines.length > 0 ? `criu's log is ${file}` : undefined, {
    cause: error,
  });
}

/** `(00.174570) Error (criu/files-reg.c:1790): Can't lookup mount=27`; `12:` is a process. */
const ERROR = /^\([\d.]+\)\s+(?:\d+:\s+)?Error \([^)]*\): (.*)/;
const isError = (line: string): boolean => ERROR.test(line);

/** Errors that say nothing of their reason, or that stop nothing. */
const GENERAL = /FAILED\.?$|^rlimit: /;

function read(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

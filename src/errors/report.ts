import { hintOf } from './hints/hint-of.ts';
import { nodeErrorMessage } from './node-error.ts';

/** An error as davit prints it: what happened in one line, then a line for a person, if any. */
export interface ErrorReport {
  /** `davit: create web1: mounts: mounts[2]: mount proc on /proc: EPERM: operation not permitted`. */
  message: string;
  hint: string | undefined;
}

/**
 * Says a failure of `subject` (`create web1`). An AggregateError's parts (what an undo could not
 * take back) follow the first failure, one a line.
 */
export function errorReport(error: unknown, subject: string): ErrorReport {
  const message = ['davit', subject, messageOf(error)].filter(Boolean).join(': ');
  return { message, hint: hintOf(error) };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof AggregateError)) return nodeErrorMessage(error);
  const [first, ...others] = error.errors.map(messageOf);
  return [error.message || first, ...(error.message ? [first, ...others] : others)]
    .filter(Boolean)
    .join('\n  and: ');
}
